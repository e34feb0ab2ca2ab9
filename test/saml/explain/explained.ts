// What `curfew explain` says of a message must be what the guard does with it: asked for every message that a law of the guard sends.

import type { ExecutionContext } from 'ava';
import { explain, type Capture, type ExplainWith, type Explanation } from '../../../gateway/saml/explain/explain.ts';
import type { Arrived } from '../../../gateway/saml/arrived.ts';
import type { Expected, TrustedIdp } from '../../../gateway/saml/guard/message.ts';
import { ACS, ENTITY_ID, NOW, ourKeys, SKEW_MS, SLO, type Bench } from '../support.ts';

/** Codes that only the gateway's memory gives. */
const FROM_MEMORY = new Set([
  'SAML_IN_RESPONSE_TO',
  'SAML_REPLAY',
  'SAML_UNAWAITED',
  'SAML_AUTHN_CONTEXT',
  'SAML_FORCE_AUTHN',
]);

interface Differently {
  readonly expected?: Partial<Expected> | undefined;
  readonly idps?: readonly TrustedIdp[] | undefined;
}

/** The explanation of a message that arrives as `send` says. */
export async function explanationOf(
  bench: Bench,
  send: () => Arrived,
  { expected, idps }: Differently = {},
  change: Partial<Capture> & Partial<Pick<ExplainWith<TrustedIdp>, 'at'>> = {},
): Promise<Explanation<TrustedIdp>> {
  const arrived = arrivedOrNot(send);
  const extent = arrived === undefined ? 'form' : EXTENT[arrived.binding];
  const capture = { arrive: send, endpoint: arrived?.endpoint, extent, ...change } as const;
  return explain(capture, {
    idps: idps ?? [bench.idp],
    entityId: expected?.entityId ?? ENTITY_ID,
    clockSkewMs: expected?.clockSkewMs ?? SKEW_MS,
    decryptionKeys: expected?.decryptionKeys ?? (await ourKeys()).map(({ privateKey }) => privateKey),
    endpoints: [ACS, SLO],
    at: change.at ?? expected?.now ?? NOW,
    now: NOW,
  });
}

/** Fails unless the explanation agrees with the guard's verdict. */
export async function explained(
  t: ExecutionContext,
  bench: Bench,
  send: () => Arrived,
  verdict: string,
  differently: Differently,
): Promise<void> {
  const { judgements } = await explanationOf(bench, send, differently);
  const failed = judgements.flatMap(({ error }) => error?.code ?? []);
  if (verdict === 'accepted') t.deepEqual(failed, []);
  else if (FROM_MEMORY.has(verdict)) t.true(judgements.some(({ outcome }) => outcome === 'not judged'));
  else t.true(failed.includes(verdict), `explain found ${failed.join(', ')} and not ${verdict}`);
}

const EXTENT = { redirect: 'query', post: 'form', soap: 'body' } as const satisfies Record<Arrived['binding'], string>;

function arrivedOrNot(send: () => Arrived): Arrived | undefined {
  try {
    return send();
  } catch {
    return undefined;
  }
}
