// Sends a browser on: to an address, or with a SAML message, by redirect or by a form that submits itself.

import type { Context } from 'koa';
import type { Outgoing } from '../saml/ours/outgoing.ts';
import { pagesFor, sendPage, type PageParts } from './send-page.ts';

/** 303: whatever the method was, the next one is GET (RFC 9110 §15.4.4). */
export function go(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.set('Location', url);
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.body = '';
}

/** 302 for Redirect, as bindings §3.4.5.1 has it; 200 with the form for POST, which WSO2's and Keycloak's servers take for a yes. */
export function sendMessage(doors: PageParts, ctx: Context, message: Outgoing): void {
  ctx.set('Cache-Control', 'no-store');
  if (message.binding === 'redirect') {
    ctx.status = 302;
    ctx.set('Location', message.url);
    ctx.body = '';
    return;
  }
  if (message.binding === 'soap') throw new TypeError('SOAP does not go through a browser');
  ctx.status = 200;
  sendPage(ctx, pagesFor(doors, ctx).post(message));
}
