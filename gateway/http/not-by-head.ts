// Addresses of ours where something is done, and not only told.

import type { Context } from 'koa';
import { refuseHttp } from './codes.ts';

/**
 * Throws NOT_FOUND for whoever only looks: a link that is checked before the person comes must sign nobody in or out, and take no message (RFC 9110
 * §9.2.1). The router means HEAD by GET as well.
 */
export function notByHead({ method }: Pick<Context, 'method'>): void {
  if (method === 'HEAD') throw refuseHttp('NOT_FOUND', { detail: { method } });
}
