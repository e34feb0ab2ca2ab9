// Writes what was measured: docs/performance.md, and beside it a chart of processor time a request.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../gateway/kernel/clock.ts';
import type { Plan } from './plan.ts';
import type { Table } from './table.ts';

const CHART = 'performance.svg';

/** Replaces both files in `folder`. */
export function writeReport(
  folder: string,
  command: string,
  plan: Plan,
  tables: readonly Table[],
  machineBusy: number,
): void {
  writeFileSync(join(folder, CHART), chart(tables));
  writeFileSync(join(folder, 'performance.md'), page(command, plan, tables, machineBusy));
}

function page(command: string, plan: Plan, tables: readonly Table[], machineBusy: number): string {
  const date = new Date(systemClock.now()).toISOString().slice(0, 10);
  const [cpu] = cpus();
  return `# Performance

Written by \`${command}\` on ${date}; what it measures against is installed by
\`apt-get install --no-install-recommends wrk nghttp2-client nginx-light haproxy apache2 libapache2-mod-auth-mellon libapache2-mod-shib caddy redis-server\`.

${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}, Node ${process.versions.node},
curfew ${commit()}. The machine's processors were in use for ${(machineBusy * 100).toFixed(0)} % of the time; above 90 % only ratios mean anything.

Processor time is user and system time of the target's processes by the kernel's accounts, over the answers that were 200. Every figure is the middle of
${plan.rounds} rounds of ${plan.seconds} s, with the targets in turns, ${plan.connections} connections and everything on this one machine; the least and the most in parentheses. \`ratio\` is
the processor time of the first row to that of the row, of the same round: below 1 the first row is the cheaper one.

![Processor time a request](${CHART})

${tables.map(section).join('\n\n')}
`;
}

function section({ title, note, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = line(columns.map((_, at) => (at === 0 ? '---' : '---:')));
  return [`## ${title}`, '', note, '', line(columns), rule, ...rows.map(line)].join('\n');
}

function commit(): string {
  try {
    const given = ['rev-parse', '--short', 'HEAD'];
    return execFileSync('git', given, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  } catch {
    return 'of an unknown commit';
  }
}

const ROW = 22;
const LABELS = 260;
const WIDTH = 800;
/** A bar of more than so many times curfew's longest is cut short, so that the others can be told apart. */
const CUT = 3;

/** Bars of the tables that have some and are about 1 KiB. */
function chart(tables: readonly Table[]): string {
  const lines: string[] = [];
  let y = ROW;
  lines.push(`<text x="10" y="${y}">Processor time a request; shorter is better</text>`);
  const charted = tables.filter(({ title, bars }) => bars !== undefined && title.startsWith('1 KiB'));
  const all = charted.flatMap(({ bars = [] }) => bars);
  const longest = (of: typeof all): number => Math.max(1, ...of.map(({ value }) => value));
  const ours = all.filter(({ name }) => name.includes('curfew'));
  const most = ours.length === 0 ? longest(all) : Math.min(longest(all), CUT * longest(ours));
  for (const { title, bars = [] } of charted) {
    y += ROW;
    lines.push(`<text x="10" y="${y}" font-weight="bold">${escaped(title)}</text>`);
    for (const { name, value } of bars) {
      y += ROW;
      const width = (Math.min(value, most) / most) * (WIDTH - LABELS - 80);
      const colour = name.includes('curfew') ? '#2563a8' : '#9aa4b0';
      lines.push(
        `<text x="${LABELS - 8}" y="${y}" text-anchor="end">${escaped(name)}</text>`,
        `<rect x="${LABELS}" y="${y - 13}" width="${Math.max(1, width).toFixed(1)}" height="16" fill="${colour}"/>`,
        `<text x="${(LABELS + width + 6).toFixed(1)}" y="${y}">${value.toFixed(0)} µs</text>`,
      );
      if (value > most)
        lines.push(`<path d="M${LABELS + width - 16} ${y + 6} l6 -22" stroke="#ffffff" stroke-width="4"/>`);
    }
    y += ROW / 2;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y + 20}" font-family="sans-serif" font-size="13" role="img" aria-label="Processor time a request, in microseconds; shorter is better">
<rect width="100%" height="100%" fill="#ffffff"/>
${lines.join('\n')}
</svg>
`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
