// What is wrong with the contents that the configuration only carries, by what other rooms know of them.

import { resolve } from 'node:path';
import { faultAt, textAt } from './cross-checks.ts';
import { shown, valueAt } from './explain.ts';
import type { Fault } from './faults.ts';
import type { Judges } from './judges.ts';
import type { PolicyFile } from './yaml.ts';

/** Everything that is wrong with the folder of certificates. */
export function certificateFaults(gateway: PolicyFile, judgeFolder: Judges['certificates']): Fault[] {
  const place = ['tls', 'certificates'];
  const folder = textAt(gateway, place);
  if (folder === undefined || folder === '') return [];
  const messages = judgeFolder(resolve(gateway.folder, folder));
  return messages.length === 0
    ? []
    : [faultAt(gateway, place, `${shown(gateway, place, folder)} ${messages.join('; it ')}`)];
}

/** Everything that is wrong with the templates of identity headers. */
export function templateFaults(app: PolicyFile, judgeTemplate: Judges['template']): Fault[] {
  const headers = valueAt(app.value, ['identity', 'headers']);
  if (typeof headers !== 'object' || headers === null) return [];
  return Object.entries(headers as Record<string, unknown>).flatMap(([name, template]) => {
    const path = ['identity', 'headers', name];
    const message = typeof template === 'string' ? judgeTemplate(template) : undefined;
    if (message === undefined) return [];
    const reference = app.writtenAt(path);
    return [faultAt(app, path, reference === undefined ? message : `${reference} makes no template`)];
  });
}
