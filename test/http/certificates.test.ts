import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import {
  certificateFor,
  certificateWarnings,
  openCertificates,
  readCertificates,
} from '../../gateway/http/certificates.ts';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import { newSigner, writePairs, type Pair } from '../support/certificates.ts';
import { needing } from '../support/needing.ts';

const law = needing('openssl');
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function folderOf(t: ExecutionContext, pairs: Readonly<Record<string, Pair>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-tls-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writePairs(folder, pairs);
  return folder;
}

law('a name is served by the certificate that has it, before one whose wildcard covers it, before the first', (t) => {
  const signer = newSigner();
  const folder = folderOf(t, {
    a: signer.sign(['first.test']),
    b: signer.sign(['*.example.test']),
    c: signer.sign(['wiki.example.test', 'Other.test']),
  });
  const { certificates, faults } = readCertificates(folder);
  t.deepEqual(faults, []);
  const chosen = (host: string) => certificateFor(certificates, host)?.name;
  t.is(chosen('wiki.example.test'), 'c');
  t.is(chosen('OTHER.test'), 'c');
  t.is(chosen('chat.example.test'), 'b');
  // One label only (RFC 9525 §6.3).
  t.is(chosen('a.chat.example.test'), 'a');
  t.is(chosen('example.test'), 'a');
});

law('who goes to an address is shown the certificate that names one (RFC 6066 §3, RFC 9110 §4.3.5)', (t) => {
  const signer = newSigner();
  const folder = folderOf(t, { a: signer.sign(['first.test']), b: signer.sign(['b.test', '10.0.0.1', '2001:DB8::1']) });
  const { certificates } = readCertificates(folder);
  t.deepEqual(certificates[1]?.hosts, ['b.test', '10.0.0.1', '[2001:db8::1]']);
  for (const host of ['', '10.0.0.1', '[2001:db8::1]']) t.is(certificateFor(certificates, host)?.name, 'b', host);
  t.is(certificateFor(certificates, 'nobody.test')?.name, 'a');
  t.is(openCertificates(folder, silent).first().cert, certificates[1]?.cert ?? '');
  const hosts = ['10.0.0.1', '[2001:db8::1]', '10.0.0.2'];
  t.deepEqual(
    certificateWarnings(certificates, hosts, 0 as EpochMs).filter((warning) => warning.includes('names')),
    ['no certificate names 10.0.0.2: browsers will refuse it'],
  );
});

law('every file of the folder that is no pair is named, with what is wrong', (t) => {
  const signer = newSigner();
  const [one, two] = [signer.sign(['one.test']), signer.sign(['two.test'])];
  const folder = folderOf(t, { swapped: { cert: one.cert, key: two.key } });
  writeFileSync(join(folder, 'alone.crt'), one.cert);
  writeFileSync(join(folder, 'lonely.key'), one.key);
  writeFileSync(join(folder, 'text.crt'), 'hello');
  writeFileSync(join(folder, 'text.key'), 'hello');
  t.deepEqual(readCertificates(folder), {
    certificates: [],
    faults: [
      'has alone.crt without a alone.key beside it that this user may read',
      'has swapped.crt, which does not belong to swapped.key',
      'has text.crt, which is no PEM certificate',
      'has lonely.key without lonely.crt beside it',
    ],
  });
  t.deepEqual(readCertificates(join(folder, 'nowhere')).faults, ['is no folder that this user may read']);
});

law('a folder that has become faulty changes nothing, and is complained of once', (t) => {
  const signer = newSigner();
  const folder = folderOf(t, { one: signer.sign(['one.test']) });
  const complaints: string[] = [];
  const store = openCertificates(folder, { ...silent, error: (event) => void complaints.push(event) });
  const before = store.certificates();
  t.false(store.reread());
  t.is(store.certificates(), before);
  writeFileSync(join(folder, 'one.key'), 'half a key');
  t.false(store.reread());
  t.false(store.reread());
  t.deepEqual(complaints, ['certificates-faulty']);
  t.is(store.certificates(), before);
  writePairs(folder, { one: signer.sign(['one.test']) });
  t.true(store.reread());
  t.not(store.certificates()[0]?.fingerprint, before[0]?.fingerprint);
});

law('two weeks before a certificate expires it is named, and so is a host that none covers', (t) => {
  const signer = newSigner();
  const folder = folderOf(t, { long: signer.sign(['*.example.test'], 90), short: signer.sign(['short.test'], 30) });
  const { certificates } = readCertificates(folder);
  const notAfter = certificates[1]?.notAfter ?? 0;
  const day = 86_400_000;
  const warnings = (at: number) =>
    certificateWarnings(certificates, ['wiki.example.test', 'short.test'], at as EpochMs);
  t.deepEqual(warnings(notAfter - 15 * day), []);
  const date = new Date(notAfter).toISOString().slice(0, 10);
  t.deepEqual(warnings(notAfter - 13 * day), [
    `certificate short expires on ${date}; put a new short.crt into the folder`,
  ]);
  t.deepEqual(warnings(notAfter), [`certificate short expired on ${date}; put a new short.crt into the folder`]);
  t.deepEqual(certificateWarnings(certificates, ['a.b.example.test'], 0 as EpochMs), [
    'no certificate names a.b.example.test: browsers will refuse it',
  ]);
});
