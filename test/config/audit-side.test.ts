// What audit files are verified with is read alone.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadAuditSecrets } from '../../gateway/config/audit-side.ts';

const secretsIn = (t: ExecutionContext, text: string, env: NodeJS.ProcessEnv = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-audit-side-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'gateway.yaml'), text);
  const found = loadAuditSecrets(folder, env);
  return 'faults' in found ? found.faults.map(({ line, key, message }) => `${line} ${key}: ${message}`) : found;
};

const [OLD, NEW] = ['o'.repeat(40), 'n'.repeat(40)];

test('audit files are verified whatever is faulty beside sessions.secret, or known to the gateway’s environment alone', (t) => {
  const beside = 'admin: { token: "${env:NOT_HERE}" }\ntracing: 7\nlisten: { htp: nowhere }\n';
  t.deepEqual(secretsIn(t, `${beside}sessions: { secret: "\${env:S}", idle: never }\n`, { S: OLD }), [OLD]);
  t.deepEqual(secretsIn(t, `sessions: { secret: [${NEW}, ${OLD}] }\n`), [NEW, OLD]);
});

test('a secret that is missing, too short or not set is a fault with its place', (t) => {
  t.regex(secretsIn(t, 'publicUrl: x\n')[0] ?? '', /sessions\.secret: is missing/);
  t.regex(secretsIn(t, 'sessions: { secret: short }\n')[0] ?? '', /^1 sessions\.secret: is shorter than 32 bytes/);
  const unset = secretsIn(t, `sessions: { secret: [${NEW}, "\${env:NOT_HERE}"] }\n`);
  t.regex(unset.join('\n'), /^1 sessions\.secret\[1\]: \$\{env:NOT_HERE\} is not set/m);
});
