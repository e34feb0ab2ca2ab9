// Fetches a page of the app and reads it.

import { decodePage } from './charset.ts';
import type { AppClient, Answered, Unanswered } from './client.ts';
import { readPage, type Page } from './page.ts';
import type { FormPlace } from './submission.ts';

/** A page, with where it came from and how its forms are to be sent. */
export interface FetchedPage extends Page, FormPlace {
  /** The last status on the way to it. */
  readonly status: number;
  readonly text: string;
}

/** Fetches the page at a path. */
export async function fetchPage(
  client: AppClient,
  path: string,
  signal: AbortSignal,
): Promise<FetchedPage | Unanswered> {
  const answer = await client.send({ method: 'GET', url: client.address(path) }, signal);
  return answer.kind === 'failed' ? answer : pageOf(client, answer);
}

/** The page that was answered. */
export function pageOf(client: AppClient, { body, contentType, url, statuses }: Answered): FetchedPage {
  const { text, encoding } = decodePage(body, contentType);
  const page = readPage(text, url);
  return { ...page, place: client.place, page: url, encoding, text, status: statuses.at(-1) ?? 0 };
}
