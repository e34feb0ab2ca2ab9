// The service providers that people of a drill sign in through: the gateway's, and those that apps have of their own.

import type { Configuration } from '../../config/load.ts';
import type { Step } from '../../upstream/visitor.ts';
import { sidesOf as everySide } from '../explain/side.ts';

/** One service provider. */
export interface Side {
  /** The app whose own it is; undefined: the gateway's. */
  readonly app: string | undefined;
  /** Its addresses begin so; `/login` and `/slo/soap` are below it. */
  readonly base: string;
  /** Where its messages are taken by Redirect and by form. */
  readonly messages: ReadonlySet<string>;
}

/** All of them, the gateway's first. */
export function sidesOf(configuration: Configuration): readonly [Side, ...Side[]] {
  const [gateway, ...own] = everySide(configuration);
  return [sideOf(gateway), ...own.map(sideOf)];
}

const sideOf = ({ app, ours: { acs, slo, aliases } }: ReturnType<typeof everySide>[number]): Side => ({
  app,
  base: slo.slice(0, -'/slo'.length),
  messages: new Set([acs, slo, ...(aliases?.acs ?? []), ...(aliases?.slo ?? [])]),
});

/** The one that people sign in to this app through. */
export const sideFor = (sides: readonly [Side, ...Side[]], app: string): Side =>
  sides.find((side) => side.app === app) ?? sides[0];

/** Whether a browser brought this kind of message to one of them. */
export function carries(
  sides: readonly Side[],
  { url, body }: Pick<Step, 'url' | 'body'>,
  field: 'SAMLRequest' | 'SAMLResponse',
): boolean {
  if (!sides.some(({ messages }) => messages.has(`${url.origin}${url.pathname}`))) return false;
  return url.searchParams.has(field) || new URLSearchParams(Buffer.from(body?.bytes ?? []).toString()).has(field);
}
