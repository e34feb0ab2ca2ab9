// What a Dockerfile says, for tests that do the same without Docker.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const TOP = join(import.meta.dirname, '../..');

/** One line of a Dockerfile; lines that go on are one. */
export interface Instruction {
  readonly name: string;
  readonly words: string;
}

/** One `FROM` and what follows. */
export interface Stage {
  readonly from: string;
  readonly as: string | undefined;
  readonly instructions: readonly Instruction[];
}

export function readDockerfile(): readonly Stage[] {
  const text = readFileSync(join(TOP, 'Dockerfile'), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const line of lines) {
    const [, name = '', words = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    const [, from = '', as] = /^(\S+)(?: AS (\S+))?$/.exec(words) ?? [];
    if (name === 'FROM') stages.push({ from, as, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, words });
  }
  return stages;
}

/** The image that is made: the last stage. */
export function readImage() {
  const { from = '', instructions = [] } = readDockerfile().at(-1) ?? {};
  const last = (name: string): string => instructions.findLast((one) => one.name === name)?.words ?? '';
  const exec = (text: string): string[] => JSON.parse(text) as string[];
  return {
    from,
    user: last('USER'),
    folder: last('WORKDIR'),
    volume: last('VOLUME'),
    ports: last('EXPOSE').split(' ').map(Number),
    stopSignal: last('STOPSIGNAL'),
    health: exec(/CMD (\[.*\])$/.exec(last('HEALTHCHECK'))?.[1] ?? '[]'),
    command: [...exec(last('ENTRYPOINT')), ...exec(last('CMD'))],
    env: Object.fromEntries(
      instructions.filter(({ name }) => name === 'ENV').map(({ words }) => words.split('=', 2) as [string, string]),
    ),
  };
}
