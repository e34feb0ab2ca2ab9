// Whether a gateway is ready, with the reasons if it is not; and what several workers say of it, put together.

/** What `/readyz` says. */
export interface Readiness {
  readonly ready: boolean;
  /** What works and should be looked at soon; changes nothing about being ready. */
  readonly warnings?: readonly string[];
  /** By check. */
  readonly reasons?: Readonly<Record<string, string>>;
  readonly sessions?: number;
  readonly connections?: number;
  /** How many processes serve, and how many should. */
  readonly workers?: { readonly serving: number; readonly of: number };
}

/** What it is concluded from. */
export interface ReadinessParts {
  /** Resolves where a part works, rejects with the reason where it does not. By name. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly warnings: () => readonly string[];
  readonly sessions: { count(): Promise<number> };
  readonly live: { count(): number };
}

/** An answer that takes longer is none: a probe gives up as well. */
const CHECK_MS = 2000;

/** How this process stands. Rejects where the sessions cannot be counted although the store is well. */
export async function readinessOf({ checks, warnings, sessions, live }: ReadinessParts): Promise<Readiness> {
  const reasons: Record<string, string> = {};
  for (const [name, check] of Object.entries(checks)) {
    const reason = await reasonOf(check);
    if (reason !== undefined) reasons[name] = reason;
  }
  const ready = Object.keys(reasons).length === 0;
  const soon = warnings();
  const common = { ready, ...(soon.length > 0 && { warnings: soon }) };
  return ready ? { ...common, sessions: await sessions.count(), connections: live.count() } : { ...common, reasons };
}

/**
 * What the workers that take requests say together, by their numbers; undefined where one does not answer. One that is being started anew
 * gets no connection, so that it is a warning: the others serve. `missing`: what is amiss with all of them.
 */
export function readinessOfAll(
  said: ReadonlyMap<number, Readiness | undefined>,
  of: number,
  missing: string | undefined,
): Readiness {
  const reasons = new Map<string, Map<number, string>>();
  const warnings = new Set<string>();
  let [sessions, connections] = [0, 0];
  for (const [number, one] of said) {
    const own = one === undefined ? { worker: 'does not answer' } : (one.reasons ?? {});
    for (const [name, reason] of Object.entries(own))
      reasons.set(name, (reasons.get(name) ?? new Map<number, string>()).set(number, reason));
    for (const warning of one?.warnings ?? []) warnings.add(warning);
    sessions = Math.max(sessions, one?.sessions ?? 0);
    connections += one?.connections ?? 0;
  }
  if (said.size < of && missing === undefined) warnings.add(`${said.size} of ${of} workers serve`);
  const why = Object.fromEntries([...reasons].map(([name, byWorker]) => [name, inOneLine(byWorker, said.size)]));
  if (missing !== undefined) why['workers'] = missing;
  const ready = Object.keys(why).length === 0;
  return {
    ready,
    ...(warnings.size > 0 && { warnings: [...warnings] }),
    ...(ready ? { sessions, connections } : { reasons: why }),
    workers: { serving: said.size, of },
  };
}

/** Once, where all say the same. */
function inOneLine(byWorker: ReadonlyMap<number, string>, all: number): string {
  const [first = '', ...others] = new Set(byWorker.values());
  if (byWorker.size === all && others.length === 0) return first;
  return [...byWorker].map(([number, reason]) => `worker ${number}: ${reason}`).join('; ');
}

async function reasonOf(check: () => Promise<void>): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(CHECK_MS);
  const late = new Promise<string>((resolve) => {
    deadline.addEventListener('abort', () => resolve(`no answer within ${CHECK_MS} ms`), { once: true });
  });
  return Promise.race([check().then(() => undefined, String), late]);
}
