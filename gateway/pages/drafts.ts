// A page before it has a look: which template, and what it is filled in with.

import type { Content } from './page.ts';
import type { PageName, SHAPES, ViewOf } from './shapes.ts';

/** What the pages inside `page` are made of. */
export type Draft = {
  readonly [N in Exclude<PageName, 'page'>]: {
    readonly page: N;
    readonly view: ViewOf<(typeof SHAPES)[N]>;
    /** The name of the window. */
    readonly title: string;
    readonly posts?: Content['posts'];
    readonly framed?: boolean;
  };
}[Exclude<PageName, 'page'>];
