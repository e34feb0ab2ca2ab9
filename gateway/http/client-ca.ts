// Whose client certificates the back channel takes: a file of certificates, read again when it changes.

import type { Log } from '../kernel/log.ts';
import { certificateIn } from '../kernel/pem.ts';
import { readRegular } from '../kernel/regular-file.ts';

/** What is wrong with the text of such a file, or undefined. */
export function authoritiesFault(pem: string): string | undefined {
  // Whatever TLS could not read it would leave out without a word.
  const blocks = pem.match(/-----BEGIN [A-Z ]+-----[^-]*-----END [A-Z ]+-----/g) ?? [];
  if (blocks.length === 0) return 'holds no PEM certificate; put that of the authority into it';
  const faulty = blocks.findIndex((block) => !isCertificate(block));
  return faulty < 0 ? undefined : `holds something else than PEM certificates (block ${faulty + 1}); leave it out`;
}

const isCertificate = (block: string): boolean =>
  block.startsWith('-----BEGIN CERTIFICATE-----') && certificateIn(block) !== undefined;

/** The authorities in use. */
export interface ClientCa {
  pem(): string;
  /** Looks at the file again: true where something changed and counts from now on. A file that has become faulty changes nothing. */
  reread(): boolean;
}

/** Opens a file that `check` has found good. Throws where it holds no certificate. */
export function openClientCa(path: string, log: Log): ClientCa {
  let used = readRegular(path).toString();
  const fault = authoritiesFault(used);
  if (fault !== undefined) throw new TypeError(`${path} ${fault}`);
  let complained = '';
  return {
    pem: () => used,
    reread: () => {
      const found = attempt(path);
      if ('fault' in found) {
        if (found.fault !== complained) log.error('client-ca-faulty', { path, fault: found.fault });
        complained = found.fault;
        return false;
      }
      complained = '';
      if (found.pem === used) return false;
      used = found.pem;
      log.info('client-ca-changed', { path });
      return true;
    },
  };
}

function attempt(path: string): { readonly pem: string } | { readonly fault: string } {
  try {
    const pem = readRegular(path).toString();
    const fault = authoritiesFault(pem);
    return fault === undefined ? { pem } : { fault };
  } catch (error) {
    return { fault: String(error) };
  }
}
