// Sends one of our pages, in the language the browser asks for.

import type { Context } from 'koa';
import type { Page } from '../pages/page.ts';
import type { PagesIn } from '../pages/pages.ts';
import type { Doors, State } from './doors.ts';

/** The pages in the language of whoever asks, with whom to ask about the app at this address. */
export function pagesFor({ pages, table }: PageParts, { req, state }: Context & { readonly state: State }): PagesIn {
  const { client, readings } = state.seen;
  const found = readings === 'ambiguous' ? undefined : table.find(client.host, readings);
  const contact = found === undefined || found === 'ambiguous' ? undefined : found.app.contact;
  return pages.in(req.headers['accept-language'], contact);
}

/** What a page of ours needs. */
export type PageParts = Pick<Doors, 'pages' | 'table'>;

/** A page of ours, with its headers. The status is set before. */
export function sendPage(ctx: Context, page: Page): void {
  ctx.set(page.headers as Record<string, string>);
  ctx.body = page.html;
}
