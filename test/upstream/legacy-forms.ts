// Small applications that sign in and out as the real ones do, down to what they answer to a wrong password or token.

import { randomText } from '../../gateway/kernel/random.ts';
import { headerValues, type UpstreamListener } from '../support/upstream.ts';

/** Who is signed in, by the value of the cookie. */
export interface LegacyApp {
  readonly listener: UpstreamListener;
  readonly people: ReadonlyMap<string, string>;
}

const PASSWORDS: ReadonlyMap<string, string> = new Map([
  ['alice', 'alicepw'],
  ['bob', 'bobpw'],
]);

const cookieIn = (rawHeaders: readonly string[], name: string): string =>
  new RegExp(`(?:^|; )${name}=([^;]*)`).exec(headerValues({ rawHeaders }, 'cookie').join('; '))?.[1] ?? '';

const page = (body: string): string =>
  `<!DOCTYPE html><html><head><title>Log Out &lt;a href=x&gt;</title></head>${body}`;

/**
 * As DokuWiki: the login form stands in place of the page, with an empty token; a wrong password is 403; the way out is a link with a token,
 * twice on the page; a wrong token leaves the person in.
 */
export function likeDokuWiki(): LegacyApp {
  const people = new Map<string, string>();
  const tokens = new Map<string, string>();
  const listener: UpstreamListener = ({ url = '/' }, response, { method, body, rawHeaders }) => {
    const query = new URL(url, 'http://x').searchParams;
    const sid = cookieIn(rawHeaders, 'DWabc');
    const form = new URLSearchParams(body.toString());
    if (!cookieIn(rawHeaders, 'DokuWiki'))
      response.setHeader('Set-Cookie', `DokuWiki=${randomText(128)}; path=/; HttpOnly`);
    if (method === 'POST' && form.get('do') === 'login') {
      const right = PASSWORDS.get(form.get('u') ?? '') === form.get('p') && form.get('id') === 'start';
      if (!right) return void response.writeHead(403).end(page('<p>Sorry, username or password was wrong.'));
      const value = randomText(128);
      people.set(value, form.get('u') ?? '');
      tokens.set(value, randomText(128));
      return void response
        .writeHead(302, { Location: '/doku.php?id=start', 'Set-Cookie': `DWabc=${value}; path=/; HttpOnly` })
        .end();
    }
    if (query.get('do') === 'logout' && people.has(sid) && query.get('sectok') === tokens.get(sid)) {
      people.delete(sid);
      const gone = 'DWabc=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/';
      return void response.writeHead(302, { Location: '/doku.php?id=start', 'Set-Cookie': gone }).end();
    }
    const out = `<a href="/doku.php?id=start&amp;do=logout&amp;sectok=${tokens.get(sid) ?? ''}" title="Log Out [O]"><span>Log Out</span></a>`;
    const search =
      '<form action="/doku.php" method="get" role="search"><input type="hidden" name="do" value="search"><input name="q"></form>';
    const login =
      '<form id="dw__login" method="post" action="/doku.php?id=start"><div class="no"><input type="hidden" name="sectok" value="">' +
      '<input type="hidden" name="id" value="start"><input type="hidden" name="do" value="login">' +
      '<input name="u"><input type="password" name="p"><input type="checkbox" name="r" value="1"><button type="submit">Log In</button></form>';
    return void response.end(page(search + (people.has(sid) ? `${out}<div class="mobile">${out}</div>` : login)));
  };
  return { listener, people };
}

/** As Adminer: every page may hold the login form; a login is a redirect, and only the page after it tells; the way out is a form with a token. */
export function likeAdminer(): LegacyApp {
  const people = new Map<string, string>();
  const tokens = new Map<string, string>();
  const listener: UpstreamListener = (_request, response, { method, body, rawHeaders }) => {
    let sid = cookieIn(rawHeaders, 'adminer_sid');
    if (sid === '') {
      sid = randomText(128);
      response.setHeader('Set-Cookie', [
        `adminer_sid=${sid}; path=/; HttpOnly`,
        'adminer_key=k; path=/; HttpOnly; SameSite=lax',
      ]);
    }
    const form = new URLSearchParams(body.toString());
    if (method === 'POST' && form.has('auth[username]')) {
      people.delete(sid);
      if (form.get('auth[password]') === 'legacypw' && form.get('auth[driver]') === 'sqlite') {
        people.set(sid, form.get('auth[username]') ?? '');
        tokens.set(sid, '12:34');
      }
      return void response.writeHead(302, { Location: '?sqlite=&username=alice&db=demo.sqlite' }).end();
    }
    if (method === 'POST' && form.has('logout') && form.get('token') === tokens.get(sid)) {
      people.delete(sid);
      return void response.writeHead(302, { Location: '?sqlite=' }).end();
    }
    if (people.has(sid)) {
      const out = `<form action='' method='post'><p class='logout'><input type='submit' name='logout' value='Logout' id='logout'><input type='hidden' name='token' value='12:34'></p></form>`;
      return void response.end(
        page(
          `<form action=''><input name=sqlite><input type=submit value=Use></form>${out}<p>as ${people.get(sid) ?? ''}`,
        ),
      );
    }
    const login = `<form action='' method='post'><table><tr><th>System<td><select name='auth[driver]'><option value="server">MySQL<option value="sqlite" selected>SQLite</select>
      <tr><td><input name="auth[server]" value=""><tr><td><input name="auth[username]" value=""><tr><td><input type="password" name="auth[password]">
      <tr><td><input name="auth[db]" value="demo.sqlite"></table><p><input type='submit' value='Login'><label><input type='checkbox' name='auth[permanent]' value='1'></label></form>`;
    return void response.writeHead(method === 'GET' ? 403 : 200).end(page(login));
  };
  return { listener, people };
}
