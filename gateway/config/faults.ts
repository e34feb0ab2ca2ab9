// What is wrong with a configuration, where, and what to write; and how that is shown.

/** One thing that is wrong. */
export interface Fault {
  /** The file as it is shown. */
  readonly file: string;
  /** Undefined where the fault is the file itself. */
  readonly line: number | undefined;
  /** The key, as `access[0].allow`; empty where the fault is the file itself. */
  readonly key: string;
  /** What was expected and what to write. Never holds a secret. */
  readonly message: string;
}

/** A place in a parsed document: keys and indexes from the root. */
export type KeyPath = readonly (string | number)[];

/** Every fault on a line of its own, in columns, under a line that counts them and says what came of it. */
export function formatFaults(faults: readonly Fault[], outcome = 'nothing was started'): string {
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  return [`${count}, ${outcome}`, ...rows(faults)].join('\n');
}

/** Every warning on a line of its own, in columns; an empty text where there is none. */
export function formatWarnings(warnings: readonly Fault[]): string {
  if (warnings.length === 0) return '';
  return [warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`, ...rows(warnings)].join('\n');
}

/** A place as people write it: `identityProviders[0].name`. */
export function formatKey(path: KeyPath): string {
  const parts = path.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return parts.join('').replace(/^\./, '');
}

function rows(faults: readonly Fault[]): string[] {
  const places = faults.map(({ file, line }) => (line === undefined ? file : `${file}:${line}`));
  const placeWidth = Math.max(...places.map((place) => place.length));
  const keyWidth = Math.max(...faults.map(({ key }) => key.length));
  return faults.map(({ key, message }, index) =>
    printable(`${(places[index] ?? '').padEnd(placeWidth)}  ${key.padEnd(keyWidth)}  ${message}`),
  );
}

/** A file could otherwise move the cursor of the terminal that shows its faults. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\u{fffd}');

/** gateway.yaml first, then file by file and line by line; of several faults of one key the first found, which is the cause. */
export function inOrder(first: string, faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  const kept = faults.filter((fault) => {
    const place = JSON.stringify([fault.file, fault.line, fault.key === '' ? fault.message : fault.key]);
    if (seen.has(place)) return false;
    seen.add(place);
    return true;
  });
  const rank = ({ file }: Fault): string => (file === first ? '' : file);
  return kept.sort((a, b) => (rank(a) === rank(b) ? (a.line ?? 0) - (b.line ?? 0) : rank(a) < rank(b) ? -1 : 1));
}
