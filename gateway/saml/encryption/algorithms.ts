// The algorithms of XML Encryption that are read, by their URI (xmlenc-core1 §5.2, §5.5). A Map, not an object: `constructor` is no algorithm.

import { NS } from '../names.ts';

/** What an identity provider may use only where its settings say so. */
export type Weakness = 'rsa15' | 'tripleDes';

/** How content is encrypted. */
export interface DataCipher {
  /** As node:crypto calls it. */
  readonly name:
    'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc' | 'des-ede3-cbc';
  /** CBC notices no change by itself: whoever can send changed ciphertexts reads the content from the answers (Vaudenay 2002; Jager, Somorovsky 2011). */
  readonly mode: 'gcm' | 'cbc';
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly weakness?: Weakness;
}

/** A hash of OAEP. */
export type OaepHash = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** How the content's key is encrypted for us. */
export type KeyTransport =
  | { readonly padding: 'rsa15'; readonly weakness: Weakness }
  | { readonly padding: 'oaep'; readonly hash: OaepHash; readonly mgfHash: OaepHash; readonly label: Buffer };

const gcm = (bits: 128 | 192 | 256): DataCipher => ({
  ...{ name: `aes-${bits}-gcm`, mode: 'gcm', keyBytes: bits / 8, ivBytes: 12 },
});
const cbc = (bits: 128 | 192 | 256): DataCipher => ({
  ...{ name: `aes-${bits}-cbc`, mode: 'cbc', keyBytes: bits / 8, ivBytes: 16 },
});

const DATA_CIPHER: ReadonlyMap<string, DataCipher> = new Map([
  [`${NS.encryption11}aes256-gcm`, gcm(256)],
  [`${NS.encryption11}aes192-gcm`, gcm(192)],
  [`${NS.encryption11}aes128-gcm`, gcm(128)],
  [`${NS.encryption}aes256-cbc`, cbc(256)],
  [`${NS.encryption}aes192-cbc`, cbc(192)],
  [`${NS.encryption}aes128-cbc`, cbc(128)],
  [
    `${NS.encryption}tripledes-cbc`,
    { name: 'des-ede3-cbc', mode: 'cbc', keyBytes: 24, ivBytes: 8, weakness: 'tripleDes' },
  ],
]);

const DIGEST: ReadonlyMap<string, OaepHash> = new Map([
  [`${NS.signature}sha1`, 'sha1'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha224', 'sha224'],
  [`${NS.encryption}sha256`, 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  // The name the standard gives it, and the one of xmldsig-more that some write.
  [`${NS.encryption}sha384`, 'sha384'],
  [`${NS.encryption}sha512`, 'sha512'],
]);

const MGF: ReadonlyMap<string, OaepHash> = new Map(
  (['sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const).map((hash) => [`${NS.encryption11}mgf1${hash}`, hash]),
);

const OAEP = `${NS.encryption11}rsa-oaep`;
const OAEP_MGF1P = `${NS.encryption}rsa-oaep-mgf1p`;
const RSA_15 = `${NS.encryption}rsa-1_5`;

/** What metadata offers, the best first. CBC is left out: it is read, but nobody should choose it because of us. */
export const OFFERED = [
  `${NS.encryption11}aes256-gcm`,
  `${NS.encryption11}aes192-gcm`,
  `${NS.encryption11}aes128-gcm`,
  OAEP,
  OAEP_MGF1P,
] as const;

/** The cipher of this URI; undefined where it is unknown. */
export const dataCipher = (uri: string): DataCipher | undefined => DATA_CIPHER.get(uri);

/**
 * The key transport of this URI; undefined where it, its digest or its mask generation is unknown. Both default to SHA-1, and `rsa-oaep-mgf1p`
 * has SHA-1 for its mask whatever its digest (xmlenc-core1 §5.5.2): OAEP does not rest on the collisions that SHA-1 has lost to.
 */
export function keyTransport(
  uri: string,
  parameters: { readonly digest: string | undefined; readonly mgf: string | undefined; readonly label: Buffer },
): KeyTransport | undefined {
  if (uri === RSA_15) return { padding: 'rsa15', weakness: 'rsa15' };
  if (uri !== OAEP && uri !== OAEP_MGF1P) return undefined;
  const hash = parameters.digest === undefined ? 'sha1' : DIGEST.get(parameters.digest);
  const mgfHash = uri === OAEP_MGF1P || parameters.mgf === undefined ? 'sha1' : MGF.get(parameters.mgf);
  return hash && mgfHash && { padding: 'oaep', hash, mgfHash, label: parameters.label };
}
