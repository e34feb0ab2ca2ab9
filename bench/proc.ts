// What a program and its children have used, from /proc (Linux).

import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/PID/stat; 100 on every Linux that Debian builds. */
const TICKS = 100;

interface Row {
  readonly parent: number;
  readonly ownTicks: number;
  /** Of children that have ended and were waited for. */
  readonly childTicks: number;
}

/** Processor time of these processes and everything they have started, in microseconds. */
export function cpuMicroseconds(roots: readonly number[]): number {
  const rows = allRows();
  const ticks = treeOf(roots, rows).reduce((sum, pid) => {
    const row = rows.get(pid);
    return sum + (row === undefined ? 0 : row.ownTicks + row.childTicks);
  }, 0);
  return (ticks * 1e6) / TICKS;
}

/** Memory of the same, in MiB, with pages that several share counted once (PSS). */
export function memoryMebibytes(roots: readonly number[]): number {
  let kibibytes = 0;
  for (const pid of treeOf(roots, allRows())) {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      kibibytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return kibibytes / 1024;
}

/** Share of the machine's processor time that was in use between two calls, 0 to 1. */
export function watchMachine(): () => number {
  const before = machineTicks();
  return () => {
    const now = machineTicks();
    return 1 - (now.idle - before.idle) / Math.max(1, now.all - before.all);
  };
}

function machineTicks(): { readonly all: number; readonly idle: number } {
  const ticks = (readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '').split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, one) => sum + one, 0), idle: (ticks[3] ?? 0) + (ticks[4] ?? 0) };
}

function allRows(): ReadonlyMap<number, Row> {
  const rows = new Map<number, Row>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The command, in parentheses, may hold anything.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
        .map(Number);
      const at = (index: number): number => fields[index] ?? 0;
      rows.set(Number(name), { parent: at(1), ownTicks: at(11) + at(12), childTicks: at(13) + at(14) });
    } catch {
      // It ended meanwhile.
    }
  }
  return rows;
}

function treeOf(roots: readonly number[], rows: ReadonlyMap<number, Row>): number[] {
  const found: number[] = [];
  let level = roots.filter((pid) => rows.has(pid));
  while (level.length > 0) {
    found.push(...level);
    const parents = new Set(level);
    level = [...rows].flatMap(([pid, { parent }]) => (parents.has(parent) ? [pid] : []));
  }
  return found;
}
