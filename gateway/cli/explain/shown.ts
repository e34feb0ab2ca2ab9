// An explanation for people, who may be on the phone with the administrator of an identity provider, and for programs.

import { X509Certificate } from 'node:crypto';
import type { Explanation } from '../../saml/explain/explain.ts';
import { ALIKE_REMEDY } from '../../flows/alike.ts';
import { factsOf } from '../../saml/explain/facts.ts';
import type { Judgement } from '../../saml/explain/judging.ts';
import { pretty } from '../../saml/explain/pretty.ts';
import type { IdentityProvider } from '../../saml/service-provider.ts';
import type { ToldSession } from '../../ops/meant.ts';
import { plain, plainLines } from '../plain.ts';
import type { Told } from './ask.ts';

/** What there is to show. */
export interface Shown extends Explanation<IdentityProvider> {
  readonly notes: readonly string[];
  /** Undefined where the message ends nothing. */
  readonly sessions: Told | undefined;
}

const BINDING = { redirect: 'Redirect', post: 'POST', soap: 'SOAP' } as const;

/** For people: the verdict first, then what decides it, then everything. */
export function asText(shown: Shown): string {
  const { judgements, read, notes } = shown;
  const facts = read === undefined ? [] : factsOf(read);
  const width = Math.max(...facts.map(({ name }) => name.length), 0);
  const sections = [
    [headline(shown), ...notes.map((note) => `note: ${note}`), ...doubts(shown)],
    judgements.flatMap((judgement) => failure(judgement, read?.idp)),
    shown.sessions === undefined ? [] : sessionLines(shown),
    facts.map(({ name, value }) => `  ${name.padEnd(width)}  ${oneLine(value)}`),
    ['checks', ...judgements.map(checkLine)],
    read === undefined ? [] : ['the message, with what was encrypted for us opened', pretty(read.shown, '  ')],
    ['Nothing was done: no session was ended, and nothing used up.'],
  ];
  return plainLines(
    sections
      .filter(({ length }) => length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
  );
}

/** For programs: one object. */
export function asJson(shown: Shown): string {
  const { judgements, read, notes, sessions } = shown;
  const failed = judgements.filter(({ outcome }) => outcome === 'failed');
  return plain(
    JSON.stringify({
      accepted: failed.length === 0,
      codes: failed.map(({ error }) => error?.code),
      kind: read?.kind,
      binding: read?.arrived.binding,
      identityProvider: read?.idp?.name,
      judgedAt: read && new Date(read.at).toISOString(),
      vouched: read?.isVouched === true,
      facts: read === undefined ? [] : factsOf(read),
      checks: judgements.map(({ law, outcome, error, why }) => ({
        ...{ number: law.number, title: law.title, rule: law.sentence, outcome, why },
        ...(error && { code: error.code, meaning: error.meaning, remedy: error.remedy, detail: error.detail }),
      })),
      notes: [...notes, ...doubts(shown)],
      sessions,
      xml: read && pretty(read.shown),
    }),
  );
}

function headline({ judgements, read }: Shown): string {
  const codes = [...new Set(judgements.flatMap(({ error }) => error?.code ?? []))];
  const verdict = codes.length > 0 ? `REFUSED: ${codes.join(', ')}` : 'passes every check that can be made here';
  if (read === undefined) return `A message that cannot be read, ${verdict}`;
  const { kind, arrived, idp, at } = read;
  const from = idp === undefined ? 'nobody known here' : idp.name;
  return `${kind} by ${BINDING[arrived.binding]} from ${from}, judged as of ${new Date(at).toISOString()}\n${verdict}`;
}

/** What keeps the values below from being what the identity provider said. */
function doubts({ read }: Shown): string[] {
  if (read === undefined || read.isVouched) return [];
  return ['note: no trusted key vouches for this message; it is shown and judged as it arrived'];
}

/** What a signature that does not verify comes of; the code alone does not tell the two apart. */
const PART: Readonly<Record<string, string>> = {
  key: 'none of the trusted keys made this signature: another key signed, or what was signed was changed',
  query:
    'none of the trusted keys made this signature: another key signed, or the query was decoded and encoded again on its way',
  digest: 'a trusted key signed, and the message was changed afterwards',
};

function failure({ law, error }: Judgement, idp: IdentityProvider | undefined): string[] {
  if (error === undefined) return [];
  const part = PART[String(error.detail['part'])];
  const seen = Object.entries(error.detail).map(([name, value]) => `${name}: ${oneLine(String(value))}`);
  const isKey = error.code === 'SAML_SIGNATURE_INVALID' && error.detail['part'] !== 'digest';
  return [
    `FAILED ${law.number} ${law.title}`,
    `  ${error.code}: ${error.meaning}`,
    ...(seen.length > 0 ? [`  seen: ${part ?? seen.join('; ')}`] : []),
    ...(isKey && idp !== undefined ? idp.metadata.certificates.map(trustedLine) : []),
    `  do: ${error.remedy}`,
    `  rule: ${law.sentence}`,
  ];
}

function trustedLine(base64: string): string {
  const { fingerprint256, validTo } = new X509Certificate(Buffer.from(base64, 'base64'));
  return `  trusted: ${fingerprint256}, which says it is valid until ${validTo}`;
}

function checkLine({ law, outcome, why }: Judgement): string {
  const word = outcome === 'failed' ? 'FAILED' : outcome;
  const reason = why === undefined ? '' : ` [${why}]`;
  return `  ${word.padEnd(10)}  ${String(law.number).padStart(2)}  ${law.title}. ${law.sentence}${reason}`;
}

function sessionLines({ sessions, judgements }: Shown): string[] {
  if (sessions === undefined) return [];
  if ('unknown' in sessions) return [`sessions: not known, because ${sessions.unknown}`];
  const { meant, others, alike } = sessions;
  const isRefused = judgements.some(({ outcome }) => outcome === 'failed');
  const title = `sessions it ${isRefused ? 'would end if it were not refused' : 'would end'}: ${meant.length}`;
  const strangers =
    others.length === 0
      ? []
      : [
          `  ${others.length} with this SessionIndex under another NameID or Format; it would be answered PartialLogout.`,
          '  Where this identity provider means them, set logout: { match: sessionIndex }:',
          ...others.map(sessionLine),
        ];
  const nearly =
    alike.length === 0
      ? []
      : [
          `  ${alike.length} whose NameID differs by letter case only; nobody is ended, and it would be answered Success.`,
          `  ${sentence(ALIKE_REMEDY)}:`,
          ...alike.map(sessionLine),
        ];
  return [title, ...meant.map(sessionLine), ...strangers, ...nearly];
}

const sessionLine = ({ nameId, format, sessionIndexes, since, until }: ToldSession): string =>
  `  ${oneLine(nameId)} (${format ?? 'no Format'}), SessionIndex ${sessionIndexes.map(oneLine).join(', ') || 'none'}, since ${since}, until ${until}`;

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
