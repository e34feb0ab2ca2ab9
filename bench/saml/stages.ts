// What a message costs in this process, whole and by stages: the guard, the store, and our answer.

import { createHash } from 'node:crypto';
import { newId } from '../../demo/identity-provider/fields.ts';
import type { Configuration } from '../../gateway/config/load.ts';
import { openIdentityProviders } from '../../gateway/identity-providers.ts';
import { plus, systemClock, systemElapsed } from '../../gateway/kernel/clock.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import type { EpochMs, Identity } from '../../gateway/kernel/words.ts';
import { ourSide } from '../../gateway/parts.ts';
import { canonicalize, verifies } from '../../gateway/saml/algorithms.ts';
import type { Arrived } from '../../gateway/saml/arrived.ts';
import { arrivedByPost, arrivedByRedirect } from '../../gateway/saml/bindings/receive.ts';
import type { Expected, MessageMemory, TrustedIdp } from '../../gateway/saml/guard/message.ts';
import { inspect } from '../../gateway/saml/guard/guard.ts';
import { openArrived, readArrived, signersOf } from '../../gateway/saml/guard/open.ts';
import { whatWasSigned } from '../../gateway/saml/guard/signed.ts';
import { MEANING, rowsFor, STRUCTURE } from '../../gateway/saml/guard/table.ts';
import { openServiceProvider } from '../../gateway/saml/service-provider.ts';
import { child, plainText } from '../../gateway/saml/xml/elements.ts';
import { namespacesInScope } from '../../gateway/saml/xml/namespaces.ts';
import { parseXml } from '../../gateway/saml/xml/parse.ts';
import type { XmlElement } from '../../gateway/saml/xml/tree.ts';
import { openSessions, openStore, type OpenSessions } from '../../gateway/sessions/open.ts';
import { here, type Work } from './measure.ts';
import type { identityProvider } from './messages.ts';
import { form, logoutPath, type BindingName } from './messages.ts';

const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** A group of works, and its name. */
export interface Group {
  readonly title: string;
  readonly works: readonly Work[];
}

/** All of them, for the gateway of this configuration. `close` gives the store back. */
export async function stages(configuration: Configuration, idp: ReturnType<typeof identityProvider>) {
  const now = systemClock.now();
  const { publicUrl } = configuration;
  const known = await openIdentityProviders(configuration, { clock: systemClock, log: silentLog });
  const idps = known.now();
  const [trusted] = idps;
  if (trusted === undefined) throw new Error('no identity provider');
  const serviceProvider = openServiceProvider({
    ...{ ...ourSide(configuration), clockSkewMs: configuration.saml.clockSkewMs, identityProviders: idps },
    memory: forgetful,
  });
  const expected: Expected = {
    ...{ entityId: serviceProvider.entityId, now, clockSkewMs: 180_000, browser: 'browser', decryptionKeys: [] },
    memory: forgetful,
  };
  const response = Buffer.from(form('SAMLResponse', idp.response(1, newId(), now)));
  const groups: Group[] = [
    {
      title: 'Response, by POST',
      works: worksOf(() => arrivedByPost(response, `${publicUrl}/saml/acs`), trusted, expected),
    },
    ...(['redirect', 'post', 'soap'] as const).map((binding) => ({
      title: `LogoutRequest, by ${binding}`,
      works: worksOf(arrivalOf(idp.logoutRequest(1, binding, now), binding, publicUrl), trusted, expected),
    })),
  ];
  const { store, ...kept } = configuration.sessions;
  const opened = openStore({ store, ...kept, clock: systemClock, elapsed: systemElapsed, log: silentLog });
  const sessions = openSessions({ ...kept, store: opened, cacheMax: 1000, log: silentLog });
  const answers = (['redirect', 'post', 'soap'] as const).map((binding) => {
    const request = { id: newId(), idp: trusted, binding, relayState: 'relay' };
    return here(`our answer by ${binding}`, () => serviceProvider.answer(request, 'success', now));
  });
  const works = [
    here('store: begin, find, end, forget', () => storeOnce(sessions, idp.nameIdOf(1), now)),
    here('store: a message used once', () => sessions.ledger.once('assertion', newId(), plus(now, 300_000), now)),
    here('our AuthnRequest', () => serviceProvider.signInRequest(trusted, now)),
    ...answers,
  ];
  return { groups: [...groups, { title: 'store, and what we sign', works }], close: () => sessions.sessions.close() };
}

const arrivalOf =
  (text: string, binding: BindingName, publicUrl: string): (() => Arrived) =>
  () =>
    binding === 'redirect'
      ? arrivedByRedirect(text, `${publicUrl}${logoutPath(binding)}`)
      : arrivedByPost(Buffer.from(text), `${publicUrl}${logoutPath(binding)}`);

async function storeOnce({ sessions }: OpenSessions, nameId: Identity['nameId'], now: EpochMs): Promise<void> {
  const identity = { idp: 'corp', nameId, sessionIndexes: ['_s'], attributes: new Map(), authnInstant: now };
  const session = await sessions.begin(identity, undefined, now);
  if (session === 'tombstoned') throw new Error('tombstoned');
  await sessions.findBySubject('corp', nameId.value, ['_s']);
  await sessions.end(session.id, now);
  await sessions.forget(session.id);
}

/** The guard as a whole, then its stages by themselves, over the same message. */
function worksOf(arrive: () => Arrived, idp: TrustedIdp, expected: Expected): Work[] {
  const idps = [idp];
  const arrived = arrive();
  const structure = openArrived(arrived, idps);
  const signed = whatWasSigned(openArrived(arrived, idps), arrived.endpoint, []);
  const common = [
    here('decode', arrive),
    here('inflate, look, parse', () => readArrived(arrived)),
    here('rows of structure', () => rowsFor(STRUCTURE, structure.kind).forEach(([check]) => check(structure))),
    here('rows of meaning', async () => {
      for (const [check] of rowsFor(MEANING, signed.kind)) await check(signed, expected);
    }),
  ];
  const whole = here('the whole guard', () => inspect(arrive(), idps, expected));
  if (arrived.binding === 'redirect') {
    return [whole, ...common, here('RSA', () => signersOf(arrived, idps))];
  }
  const holder = child(structure.root, 'assertion', 'Assertion') ?? structure.root;
  const signature = required(holder, 'Signature');
  const signedInfo = required(signature, 'SignedInfo');
  const octets = Buffer.from(canonicalize(signedInfo, EXCLUSIVE, namespacesInScope(signedInfo), []));
  const value = Buffer.from(plainText(required(signature, 'SignatureValue')) ?? '', 'base64');
  const rsa = { hash: 'sha256', keyType: 'rsa' } as const;
  const [key] = idp.keys;
  if (key === undefined || !verifies(octets, rsa, value, key)) throw new Error('the signature is not good');
  const again = readArrived(arrived).root;
  const content = child(again, 'assertion', 'Assertion') ?? again;
  const inScope = namespacesInScope(content);
  content.removeChild(required(content, 'Signature'));
  const canonical = canonicalize(content, EXCLUSIVE, inScope, []);
  return [
    whole,
    ...common,
    here('canonicalize SignedInfo and parse it', () =>
      parseXml(canonicalize(signedInfo, EXCLUSIVE, namespacesInScope(signedInfo), [])),
    ),
    here('RSA', () => verifies(octets, rsa, value, key)),
    here('canonicalize content', () => canonicalize(content, EXCLUSIVE, inScope, [])),
    here('digest', () => createHash('sha256').update(canonical).digest()),
    here('parse what was signed', () => parseXml(canonical)),
  ];
}

function required(parent: XmlElement, name: string): XmlElement {
  const found = child(parent, 'signature', name);
  if (found === undefined) throw new Error(`no ${name}: the message is not signed`);
  return found;
}

/** Knows every question and has seen no answer. */
const forgetful: MessageMemory = {
  readAuthnRequest: () => Promise.resolve(awaited),
  takeAuthnRequest: () => Promise.resolve(awaited),
  readLogoutRequest: () => Promise.resolve(undefined),
  takeLogoutRequest: () => Promise.resolve(undefined),
  useAssertion: () => Promise.resolve(true),
};
const awaited = { idp: 'corp', browser: 'browser', app: 'wiki', returnTo: '/' };
