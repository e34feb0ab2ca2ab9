// What documents show is tried as it stands there.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { curfew } from './journeys/child.ts';
import { scenery } from './support/gateway.ts';

const docs = join(import.meta.dirname, '../docs');
const yamlOf = (name: string): string[] =>
  [...readFileSync(join(docs, name), 'utf8').matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text ?? '');

test.serial(
  'the policies and the cases of docs/policies.md are good, and every case comes out as it says',
  async (t) => {
    const blocks = yamlOf('policies.md');
    const { folder } = await scenery(t, { apps: {} });
    const isCases = (text: string): boolean => text.startsWith('- case:');
    for (const text of blocks.filter((one) => !isCases(one))) {
      writeFileSync(join(folder, `${/^app: (.*)$/m.exec(text)?.[1] ?? 'unnamed'}.yaml`), text);
    }
    mkdirSync(join(folder, 'tests'));
    writeFileSync(join(folder, 'tests/cases.yaml'), blocks.filter(isCases).join('\n'));
    const { code, output, complaints } = await curfew(t, 'policies', 'test', '--policies', folder);
    t.is(code, 0, `${output}${complaints}`);
    t.regex(output, /\n6 passed, 0 failed\n$/);
  },
);

test.serial('the settings that docs/sign-in.md shows are good together', async (t) => {
  const blocks = yamlOf('sign-in.md');
  const { folder } = await scenery(t, { apps: {} });
  const gateway = join(folder, 'gateway.yaml');
  const written = readFileSync(gateway, 'utf8');
  const metadata = readFileSync(join(folder, 'idp.xml'), 'utf8');
  writeFileSync(join(folder, 'corp-idp.xml'), metadata);
  writeFileSync(
    join(folder, 'partner-idp.xml'),
    metadata.replace(/entityID="[^"]+"/, 'entityID="https://partner.example"'),
  );
  const [providers, ...rest] = blocks.filter((text) => text.startsWith('identityProviders:'));
  t.deepEqual(rest, []);
  writeFileSync(gateway, written.replace(/identityProviders:\n(?: .*\n|\n)+/, providers ?? ''));
  for (const text of blocks.filter((one) => one.startsWith('app:'))) {
    writeFileSync(join(folder, `${/^app: (.*)$/m.exec(text)?.[1] ?? 'unnamed'}.yaml`), text);
  }
  const { code, output, complaints } = await curfew(t, 'check', '--policies', folder);
  t.is(code, 0, `${output}${complaints}`);
});
