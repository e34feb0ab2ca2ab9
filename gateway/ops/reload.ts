// `POST /reload`: other policies are taken over now, and the answer says what is different, or everything that is wrong.

import type Router from '@koa/router';
import type { AdminState } from './admin-guard.ts';

/** What came of it: for programs, and for people. */
export interface ToldReload {
  readonly isDone: boolean;
  readonly facts: object;
  readonly text: string;
}

/** Adds the route: 200, or 422 where nothing was changed because of a fault. */
export function reloadRoute(router: Router<AdminState>, reload: () => Promise<ToldReload>): void {
  router.post('/reload', async (ctx) => {
    const { isDone, facts, text } = await reload();
    ctx.status = isDone ? 200 : 422;
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Vary', 'Accept');
    ctx.body = ctx.accepts('json', 'text') === 'text' ? text : facts;
  });
}
