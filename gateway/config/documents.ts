// Makes the documents that say what the code says: docs/configuration.md, docs/errors.md and the JSON Schemas that
// editors complete from. write-documents.ts puts them in place; a test fails where they are not current.

import type { Codes } from '../kernel/errors.ts';
import { APP_EXAMPLE, GATEWAY_EXAMPLE } from './examples.ts';
import { appSchema, describeSchema, gatewaySchema, type Described } from './schema.ts';

const MADE =
  '<!-- Made by `node gateway/config/write-documents.ts`. Change the settings.ts or codes.ts it comes from. -->';

/** Every document: its path from the top of the repository, and its text. `codes` are those of each room. */
export function documents(codes: ReadonlyMap<string, Codes>): ReadonlyMap<string, string> {
  const gateway = describeSchema(gatewaySchema);
  const app = describeSchema(appSchema);
  return new Map([
    ['policies/schema/gateway.schema.json', jsonSchema(gateway, 'curfew: gateway.yaml')],
    ['policies/schema/app.schema.json', jsonSchema(app, 'curfew: the file of an app')],
    ['docs/configuration.md', configurationPage(gateway, app)],
    ['docs/errors.md', errorsPage(codes)],
  ]);
}

const jsonSchema = (schema: Described, title: string): string =>
  `${JSON.stringify({ ...schema, title }, undefined, 2)}\n`;

function configurationPage(gateway: Described, app: Described): string {
  return `${MADE}

# Configuration

A policies folder (\`--policies DIR\`, by default \`policies\`) holds \`gateway.yaml\` and one file for each app, under any
name that ends in \`.yaml\`. \`curfew check\` prints every fault of every file in one run, with the line and what to write, and
starts nothing.

- **Unknown keys are faults**, so that a slip of the finger cannot switch a rule off.
- **Durations** have a unit: \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`, also together (\`1h30m\`). **Sizes** too: \`B\`, \`KiB\`, \`MiB\`, \`GiB\`.
- **Secrets are named, not written:** \`\${env:NAME}\` is an environment variable, \`\${file:PATH}\` the text of a file without the
  newline at its end. Both work in every text.
- **Relative paths** start at the folder of the file they stand in.
- YAML anchors and aliases are not read.

## gateway.yaml

\`\`\`yaml
${GATEWAY_EXAMPLE}\`\`\`

${sections(gateway)}
## The file of an app

\`\`\`yaml
${APP_EXAMPLE}\`\`\`

${sections(app)}
## How a path is judged

The request goes to the app byte for byte, and applications differ in how they read a path. So \`access\` is judged on every
reading an app could have: decoded once and twice, with \`%2F\` as a slash or not, with and without \`;parameters\`, with \`//\` merged
or not, with and without regard to capitals. Each reading must be allowed, and the strictest outcome wins. What has no honest
use is refused with \`PATH_AMBIGUOUS\`: dot segments in any encoding, backslashes, control characters, broken UTF-8.
`;
}

/** The keys that hold a value in one table, then a table for each section. */
function sections(schema: Described): string {
  const entries = Object.entries(schema.properties ?? {});
  const single = entries.filter(([, value]) => !isSection(value));
  const required = schema.required ?? [];
  const general = table(single.flatMap(([key, value]) => rows(key, value, required.includes(key))));
  const tables = entries
    .filter(([, value]) => isSection(value))
    .map(([key, value]) => {
      const inside = value.items === undefined ? childRows(key, value) : childRows(`${key}[]`, value.items);
      return `### \`${key}\`\n\n${value.description ?? ''}\n\n${table(inside)}`;
    });
  return [general, ...tables].join('\n');
}

const isSection = ({ properties, items }: Described): boolean =>
  properties !== undefined || items?.properties !== undefined;

const childRows = (path: string, { properties, required }: Described): string[][] =>
  Object.entries(properties ?? {}).flatMap(([key, value]) =>
    rows(`${path}.${key}`, value, required?.includes(key) === true),
  );

function rows(path: string, value: Described, isRequired: boolean): string[][] {
  const own = [`\`${path}\``, typeOf(value), defaultOf(value, isRequired), value.description ?? ''];
  if (value.items?.properties !== undefined) return [own, ...childRows(`${path}[]`, value.items)];
  return value.properties === undefined ? [own] : childRows(path, value);
}

function typeOf({ title, enum: words, type, items }: Described): string {
  if (title !== undefined) return title;
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(' ');
  if (type === 'array') return items?.title === undefined ? 'list' : `list: ${items.title}`;
  return type === 'boolean' ? '`true` `false`' : 'text';
}

function defaultOf({ default: value }: Described, isRequired: boolean): string {
  if (value === undefined) return isRequired ? '**required**' : '–';
  if (typeof value === 'object') return Array.isArray(value) ? 'none' : '–';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function table(cells: readonly (readonly string[])[]): string {
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return `${line(['key', 'type', 'default', 'what it does'])}|---|---|---|---|\n${cells.map(line).join('')}`;
}

function errorsPage(codes: ReadonlyMap<string, Codes>): string {
  const rooms = [...codes].map(([room, list]) => {
    const lines = Object.entries(list).map(
      ([code, { status, publicMessage, meaning, remedy }]) =>
        `| \`${code}\` | ${status} | ${cell(meaning)} | ${cell(remedy)} | ${cell(publicMessage)} |\n`,
    );
    return `## ${room}\n\n| code | status | what was seen | what to do | what a stranger reads |\n|---|---|---|---|---|\n${lines.join('')}`;
  });
  return `${MADE}

# Reasons

Whatever curfew refuses or cannot do has one of these codes. The same word stands in the log, in the audit line, on the page and in
the header \`X-Curfew\` of the answer. The page shows the id of the request; the line in the log with that \`requestId\` has what was expected and what was found. For
any code \`SAML_…\`, save the message and run \`curfew explain FILE\`: it shows every check, and not only the first that failed.

${rooms.join('\n')}`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
