// The look of the sessions page, and the script that keeps it current. Both are files of their own to the browser: its policy allows nothing inline.

/** /sessions.css */
export const SESSIONS_STYLE = `:root{color-scheme:light dark;--ink:#1c2430;--soft:#556172;--paper:#f4f5f7;--card:#fff;--line:#d9dee5;--accent:#2450b8;--warn:#a3241c}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#a5b1c0;--paper:#12161c;--card:#1b2129;--line:#303945;--accent:#8fb0ff;--warn:#ff9d94}}
*{box-sizing:border-box}body{margin:0;padding:min(1.25rem,4vw);overflow-wrap:anywhere;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
header,main,footer{max-width:72rem;margin:0 auto}header{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 1rem}h1{margin:0;font-size:1.5rem}h2{margin:1.75rem 0 .75rem;font-size:1.15rem}h3{margin:0;font-size:1rem;overflow-wrap:anywhere}p{margin:.5rem 0}
header .viewer{margin-left:auto}
header p,footer,dt,.steps,.own{color:var(--soft);font-size:.9rem}
.said{padding:.6rem 1rem;border-left:.3rem solid var(--accent);background:var(--card)}
.search{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem;margin-top:1rem}input[type=search]{flex:1 1 14rem;min-width:0;padding:.55rem .75rem;border:1px solid var(--soft);border-radius:.4rem;background:var(--card);color:inherit;font:inherit}
button{min-height:2.75rem;max-width:100%;padding:.4rem min(.9rem,4vw);overflow-wrap:anywhere;border:1px solid var(--accent);border-radius:.4rem;background:var(--card);color:var(--accent);font:inherit;font-weight:600;cursor:pointer}.actions button{border-color:var(--warn);color:var(--warn)}
a{color:var(--accent)}:is(a,button,input):focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.cards{list-style:none;margin:0;padding:0;display:grid;gap:.75rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr))}.cards>li{display:flex;flex-direction:column;gap:.5rem;min-width:0;padding:min(1rem,4vw);border:1px solid var(--line);border-radius:.6rem;background:var(--card)}
dl{margin:0;display:grid;gap:.15rem}dl div{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem}dd{margin:0 0 0 auto;min-width:0;text-align:right;overflow-wrap:anywhere}
.actions{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:auto}.steps{margin:0;padding-left:1.2rem}nav{display:flex;gap:1rem;margin:1rem 0}
`;

/** /sessions.js: where something has changed, takes over what is new and leaves the focus where it is. Whoever may no longer look is shown nothing more. */
export const SESSIONS_SCRIPT = `const note = document.getElementById('live');
let timer;
const update = async () => {
  timer = undefined;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (answer.status === 401 || answer.status === 403) location.reload();
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const focused = document.activeElement?.id;
  for (const id of ['total', 'list', 'logouts']) {
    const [here, there] = [document.getElementById(id), fresh.getElementById(id)];
    if (here && there && here.innerHTML !== there.innerHTML) here.replaceChildren(...there.childNodes);
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
};
const changed = () => { timer ??= setTimeout(() => update().catch(() => {}), 250); };
let isFirst = true;
let failures = 0;
const listen = () => {
  const source = new EventSource('/sessions/events');
  source.onopen = () => {
    failures = 0;
    note.textContent = 'This page changes as people come and go.';
    if (!isFirst) changed();
    isFirst = false;
  };
  source.onerror = () => {
    failures += 1;
    if (failures > 1) note.textContent = 'The gateway does not answer; the page may be old.';
    if (source.readyState !== EventSource.CLOSED) return;
    changed();
    setTimeout(listen, 5000);
  };
  source.onmessage = changed;
};
listen();
`;
