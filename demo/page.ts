// One plain page style for everything in the demonstration: light and dark, readable on a phone.

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** `value` as HTML text or between quotes in an attribute. */
export const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** A whole HTML page. `title` and `note` are texts, `body` is HTML, `accent` is the CSS colour that tells the parts of the demonstration apart. */
export const htmlPage = (page: {
  title: string;
  note: string;
  accent: string;
  body: string;
}): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>
:root { color-scheme: light dark; --accent: ${page.accent}; --ink: #1c2430; --dim: #5b6675; --ground: #f4f5f7; --card: #fff; --line: #d9dde3; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --dim: #9aa5b4; --ground: #14181e; --card: #1d232b; --line: #343c47; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; border-top: .4rem solid var(--accent); }
main { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: baseline; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .5rem; }
.note { color: var(--dim); font-size: .85rem; }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.1rem 1.3rem; margin: 1rem 0; overflow-wrap: break-word; }
label { display: block; margin: .7rem 0; } input, textarea { width: 100%; padding: .55rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .35rem; }
button { font: inherit; padding: .55rem 1rem; border: 0; border-radius: .35rem; background: var(--accent); color: #fff; cursor: pointer; }
button.plain { background: none; color: inherit; border: 1px solid var(--line); font-size: .9rem; padding: .4rem .8rem; }
form.row { display: inline-block; margin: .2rem .4rem .2rem 0; } a { color: inherit; }
table { width: 100%; border-collapse: collapse; font-size: .95rem; } th, td { text-align: left; padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child, td:last-child { overflow-wrap: anywhere; }
.good { color: #1a7f4b; } .bad { color: #c2352b; } pre { white-space: pre-wrap; font-size: .9rem; }
@media (prefers-color-scheme: dark) { .good { color: #5fd197; } .bad { color: #ff8a80; } }
</style>
</head>
<body>
<main>
<header><h1>${escapeHtml(page.title)}</h1><span class="note">${escapeHtml(page.note)}</span></header>
${page.body}
</main>
</body>
</html>
`;
