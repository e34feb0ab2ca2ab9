// Files that policies name and this user may not read.

import test from 'ava';
import { readNamed } from '../../gateway/config/named-file.ts';
import type { Fault } from '../../gateway/config/faults.ts';
import { parsePolicy } from '../../gateway/config/yaml.ts';

const FORBIDDEN = { reason: 'may not be read by this user', remedy: 'give it that right' };

test('a file that may not be read is a fault with the right remedy, not with how such files are made', (t) => {
  const text = 'key: ../certs/sp.key\nsecret: ${file:../certs/session.secret}\n';
  const file = parsePolicy({ file: 'gateway.yaml', text }, { env: () => undefined, file: () => FORBIDDEN });
  const faults: Fault[] = [...file.faults];
  t.is(readNamed(file, ['key'], faults, '`curfew keys` makes it'), undefined);
  t.deepEqual(
    faults.map(({ message }) => message),
    [
      '${file:../certs/session.secret} may not be read by this user; give it that right',
      '"../certs/sp.key" may not be read by this user; give it that right',
    ],
  );
});
