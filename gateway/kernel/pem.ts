// Keys and certificates as people configure them.

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { attempt } from './attempt.ts';

/** A private key without a passphrase; undefined where the text is none. */
export const privateKeyIn = (pem: string): KeyObject | undefined => attempt(() => createPrivateKey(pem));

/** A certificate, the first where there are several; undefined where the text is none. */
export const certificateIn = (pem: string): X509Certificate | undefined => attempt(() => new X509Certificate(pem));
