// ECDSA values as they come: r and s side by side, as XML wants them, in whatever width.

/** No curve has halves of more. */
const LONGEST = 160;

/**
 * A value of r and s side by side (xmldsig-core §6.4.3) as DER (RFC 3279 §2.2.3), undefined where it has no two halves. The width is not looked at: Santuario leaves zeros out in
 * front of both as far as both have them, which by P-521 is one signature of four, and OpenSSL would take no half but a whole one.
 */
export function derOfHalves(value: Buffer): Buffer | undefined {
  if (value.length % 2 !== 0 || value.length > LONGEST) return undefined;
  const half = value.length / 2;
  const content = Buffer.concat([integer(value.subarray(0, half)), integer(value.subarray(half))]);
  return Buffer.concat([
    Buffer.from(content.length < 0x80 ? [0x30, content.length] : [0x30, 0x81, content.length]),
    content,
  ]);
}

/** An INTEGER that is not negative, in the fewest octets (X.690 §8.3). */
function integer(half: Buffer): Buffer {
  let start = 0;
  while (start < half.length - 1 && half[start] === 0) start += 1;
  const octets = half.subarray(start);
  const sign = (octets[0] ?? 0) >= 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from([0x02, octets.length + sign.length, ...sign]), octets]);
}
