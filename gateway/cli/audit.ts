// `curfew audit`: whether audit files are as they were written, and what a person is called in them.

import { auditKeys, pseudonymOf } from '../ops/audit-line.ts';
import { verifyAudit } from '../ops/audit-verify.ts';
import { loadAuditSecrets } from '../config/audit-side.ts';
import type { Configuration } from '../config/load.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { complainOfFaults, configured } from './configured.ts';

/** `curfew audit verify FILE…`: exit 1 with the line where the chain breaks. `curfew audit pseudonym NAMEID`: that person's pseudonym. */
export const audit: Command = {
  name: 'audit',
  summary: 'verify that audit files are as they were written; find a person in them',
  operands: 'verify FILE… | pseudonym NAMEID',
  options: { idp: { type: 'string', help: 'identity provider of the NameID (default: each)' } },
  run: async (given) => {
    const [verb, ...rest] = given.operands;
    if ((verb !== 'verify' && verb !== 'pseudonym') || rest.length === 0)
      return wrong(given, 'write "curfew audit verify FILE…" or "curfew audit pseudonym NAMEID"');
    if (verb === 'verify') return verify(given, rest);
    const configuration = configured(given);
    return configuration === undefined ? EXIT.fault : pseudonym(given, rest, configuration);
  },
};

async function verify(given: Given, files: readonly string[]): Promise<number> {
  const { output, json, policies, env } = given;
  const secrets = loadAuditSecrets(policies, env);
  if ('faults' in secrets) {
    complainOfFaults(given, secrets.faults, 'nothing was verified');
    return EXIT.fault;
  }
  const found = await verifyAudit(files, secrets.map(auditKeys)).catch(
    // The system's words name the file.
    (error: unknown) => `a file cannot be read: ${error instanceof Error ? error.message : String(error)}`,
  );
  if (typeof found === 'string') {
    output.complain(found);
    return EXIT.fault;
  }
  const { lines, last, fault } = found;
  if (json) output.print(JSON.stringify({ intact: fault === undefined, ...found }));
  else if (fault === undefined) output.print(`${lines} lines, each as it was written; the last link is ${last ?? '–'}`);
  else output.complain(`${fault.file}:${fault.line} ${fault.message}`);
  return fault === undefined ? EXIT.done : EXIT.failed;
}

function pseudonym({ output, json, options }: Given, nameIds: readonly string[], configuration: Configuration): number {
  const [secret = ''] = configuration.sessions.secrets;
  const keys = auditKeys(secret);
  const found = nameIds.flatMap((nameId) =>
    configuration.identityProviders
      .filter(({ name }) => (options['idp'] ?? name) === name)
      .map(({ name: idp }) => ({ idp, nameId, pseudonym: pseudonymOf(keys, idp, nameId) })),
  );
  if (json) output.print(JSON.stringify(found));
  else for (const one of found) output.print(`${one.pseudonym}  ${one.idp}  ${one.nameId}`);
  return found.length > 0 ? EXIT.done : EXIT.failed;
}

function wrong({ output }: Given, message: string): number {
  output.complain(message);
  return EXIT.fault;
}
