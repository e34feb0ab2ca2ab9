import test from 'ava';
import {
  base64Of,
  messageField,
  relayStateOf,
  samlParameters,
  strictBase64,
} from '../../../gateway/saml/bindings/parameters.ts';
import { codeOf } from '../support.ts';

test('parameters keep their raw octets, whatever order they come in (bindings §3.4.4.1)', (t) => {
  const found = samlParameters('x=1&Signature=a%2b&SAMLRequest=b%2F%3D&RelayState=&y');
  t.deepEqual(Object.fromEntries(found), { Signature: 'a%2b', SAMLRequest: 'b%2F%3D', RelayState: '' });
});

for (const name of ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding']) {
  test(`${name} twice is refused: two readers could take two different ones`, (t) => {
    t.is(
      codeOf(() => samlParameters(`${name}=a&x=1&${name}=a`)),
      'SAML_PARAMETER',
    );
  });

  test(`${name} disguised by percent-encoding is refused: another reader would see it`, (t) => {
    const disguised = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
    t.is(
      codeOf(() => samlParameters(`${name}=a&${disguised}=b`)),
      'SAML_PARAMETER',
    );
    t.is(
      codeOf(() => samlParameters(`${disguised}=b`)),
      'SAML_PARAMETER',
    );
  });
}

test('parameters of others are passed over, also twice and encoded', (t) => {
  t.is(samlParameters('x=1&x=2&%78=3&samlrequest=4&SAMLRequest[]=5&SAMLRequest%5B%5D=6').size, 0);
});

test('a name that does not decode is refused', (t) => {
  t.is(
    codeOf(() => samlParameters('%zz=1')),
    'SAML_PARAMETER',
  );
});

test('a request and a response at once are refused (bindings §3.4.4)', (t) => {
  t.is(
    codeOf(() => messageField(samlParameters('SAMLRequest=a&SAMLResponse=b'))),
    'SAML_PARAMETER',
  );
  t.is(
    codeOf(() => messageField(samlParameters('RelayState=a'))),
    'SAML_PARAMETER',
  );
  t.is(messageField(samlParameters('SAMLRequest=a')), 'SAMLRequest');
  t.is(messageField(samlParameters('SAMLResponse=a')), 'SAMLResponse');
});

const relayState = (raw: string) => relayStateOf(samlParameters(raw));

test('RelayState is read as its sender meant it: absent, empty, `+` and `%20`, and any character (bindings §3.4.3)', (t) => {
  t.is(relayState('x=1'), undefined);
  t.is(relayState('RelayState='), '');
  t.is(relayState('RelayState=a+b%20c%2Bd%26%25%2F%C3%BC'), 'a b c+d&%/ü');
});

test('RelayState may have 1024 bytes and no more: refusing what is longer than 80 would leave people in (bindings §3.4.3)', (t) => {
  t.is(relayState(`RelayState=${'%C3%BC'.repeat(512)}`), 'ü'.repeat(512));
  t.is(
    codeOf(() => relayState(`RelayState=${'a'.repeat(1025)}`)),
    'SAML_RELAY_STATE',
  );
  t.is(
    codeOf(() => relayState(`RelayState=${'%C3%BC'.repeat(513)}`)),
    'SAML_RELAY_STATE',
  );
});

test('RelayState that is no UTF-8 is refused', (t) => {
  t.is(
    codeOf(() => relayState('RelayState=%FF')),
    'SAML_PARAMETER',
  );
});

test('base64 may be broken into lines (bindings §3.5.4)', (t) => {
  // Bits behind the last byte that are not zero are nobody's business (RFC 4648 §3.5 leaves it open), and some encoders leave them.
  t.is(strictBase64('QR==').toString(), 'A');
  t.is(strictBase64('YWJj\r\nZGVm\n Zw==\t').toString(), 'abcdefg');
});

test('base64 of a sender who does not encode the plus is read (bindings §3.4.4.1)', (t) => {
  t.deepEqual(base64Of('+/+/'), base64Of('%2B%2f%2B%2f'));
});

for (const [what, text] of [
  ['nothing', ''],
  ['white space only', ' \n'],
  ['without its padding', 'YQ'],
  ['with padding in the middle', 'YQ==YQ=='],
  ['with three padding signs', 'Y==='],
  ['in the alphabet for addresses', 'YW-_'],
  ['with other characters', 'YW Jj!'],
  ['with a no-break space', 'YWJj\u00a0'],
] as const) {
  test(`base64 is refused: ${what} (RFC 4648 §3)`, (t) => {
    t.is(
      codeOf(() => strictBase64(text)),
      'SAML_BASE64',
    );
  });
}
