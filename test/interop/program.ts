// Another program, started for one test file and ended with it; nothing else is ever ended.

import { spawn } from 'node:child_process';

const START_LIMIT_MS = 30_000;

export interface Program {
  /** What `ready` found in the output. */
  readonly announced: RegExpExecArray;
  /** All it has written so far, both streams. */
  output(): string;
  /** Asks it to stop; resolves with its exit code, undefined where it had to be killed. */
  close(): Promise<number | undefined>;
}

export interface Start {
  readonly command: string;
  readonly words: readonly string[];
  /** Found in its output once it takes requests. */
  readonly ready: RegExp;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts it and waits until it says that it is ready. Rejects with what it wrote where it does not. */
export async function startProgram({ command, words, ready, env, cwd }: Start): Promise<Program> {
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const fail = (why: string): void => reject(new Error(`${command} ${words.join(' ')}: ${why}\n${output}`));
  const limit = setTimeout(() => fail('is not ready in time'), START_LIMIT_MS);
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
    const found = ready.exec(output);
    if (found) resolve(found);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.on('error', (error) => fail(error.message));
  const ended = new Promise<number | undefined>((done) => {
    child.on('close', (code) => {
      process.off('exit', kill);
      fail('has stopped');
      done(code ?? undefined);
    });
  });
  try {
    const announced = await promise;
    return {
      announced,
      output: () => output,
      close: () => {
        child.kill('SIGTERM');
        const late = setTimeout(kill, 5000);
        return ended.finally(() => clearTimeout(late));
      },
    };
  } catch (error) {
    kill();
    throw error;
  } finally {
    clearTimeout(limit);
  }
}

/** PHP's own web server on a free port of 127.0.0.1; `announced[1]` is the port. */
export const startPhp = (root: string, settings: Readonly<Record<string, string>>, env?: Start['env']) =>
  startProgram({
    command: 'php',
    words: [
      ...Object.entries({ display_errors: '0', ...settings }).flatMap(([name, value]) => ['-d', `${name}=${value}`]),
      ...['-S', '127.0.0.1:0', '-t', root],
    ],
    ready: /\(http:\/\/127\.0\.0\.1:(\d+)\) started/,
    ...(env && { env }),
  });
