// Sends one of our pages, in the language the browser asks for.

import type { Context } from 'koa';
import type { Page } from '../pages/page.ts';
import type { PagesIn } from '../pages/pages.ts';
import type { Doors } from './doors.ts';

/** The pages in the language of whoever asks. */
export const pagesFor = ({ pages }: Pick<Doors, 'pages'>, { req }: Pick<Context, 'req'>): PagesIn =>
  pages.in(req.headers['accept-language']);

/** A page of ours, with its headers. The status is set before. */
export function sendPage(ctx: Context, page: Page): void {
  ctx.set(page.headers as Record<string, string>);
  ctx.body = page.html;
}
