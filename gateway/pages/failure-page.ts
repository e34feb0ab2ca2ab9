// Says what went wrong, with what an operator needs to find the line in the log.

import type { Draft } from './drafts.ts';
import type { Texts } from './texts/texts.ts';

/** What is told of a failure. */
export interface FailureFacts {
  readonly status: number;
  readonly code: string;
  /** In the language of the page. */
  readonly message: string;
  readonly requestId: string;
  /** The link that was followed is over, and a new one can be had. */
  readonly isExpired: boolean;
  /** Where it can be tried again; empty for the same address. */
  readonly again: string | undefined;
}

/** Refused, over, or not to be had at the moment. */
export function failureDraft(texts: Texts, facts: FailureFacts): Draft {
  const { status, message, isExpired, again } = facts;
  const title = isExpired ? texts.failed.expired : titleOf(texts.failed, status);
  return {
    page: isExpired ? 'expired' : status >= 500 ? 'unavailable' : 'refused',
    title,
    view: {
      title,
      message,
      ...reasonIn(texts, facts),
      again: again === undefined ? undefined : { url: again, text: isExpired ? texts.openAgain : texts.tryAgain },
    },
  };
}

/** What to say when asking for help. */
export const reasonIn = (
  { quote, reason, request }: Texts,
  { code, requestId }: Pick<FailureFacts, 'code' | 'requestId'>,
) => ({ quote, reasonLabel: reason, code, requestLabel: request, requestId });

/** The heading for an HTTP status, in words for people. */
function titleOf(failed: Texts['failed'], status: number): string {
  if (status === 403) return failed.forbidden;
  if (status === 404) return failed.notFound;
  if (status === 413) return failed.tooLarge;
  if (status === 502 || status === 504) return failed.appSilent;
  if (status >= 500) return failed.notNow;
  return failed.other;
}
