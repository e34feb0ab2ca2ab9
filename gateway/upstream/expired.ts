// Whether an app has ended its own session and asks for a sign-in again.

import type { ExpiredWhen } from './settings.ts';

/** What is known of an answer. */
export interface AppAnswer {
  readonly status: number;
  readonly location: string | undefined;
  /** Undefined where the body was not read: then a rule that asks for text does not hold. */
  readonly text: string | undefined;
}

/** Whether everything that the rule names holds. Where a redirect leads is judged by its path alone. */
export function hasExpired(when: ExpiredWhen, { status, location, text }: AppAnswer): boolean {
  if (when.status !== undefined && when.status !== status) return false;
  if (when.text !== undefined && text?.includes(when.text) !== true) return false;
  if (when.redirect === undefined) return true;
  const isRedirect = status >= 300 && status < 400 && location !== undefined;
  const url = isRedirect ? URL.parse(location, 'http://app.invalid') : null;
  return `${url?.pathname ?? ''}${url?.search ?? ''}`.startsWith(when.redirect);
}
