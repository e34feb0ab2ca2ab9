// What the operator asks of a drill, read from the options; every fault of the words at once.

import { readFileSync } from 'node:fs';
import type { Configuration } from '../../config/load.ts';
import { appOfAddress, frontPage } from '../../flows/app.ts';
import type { Place } from '../../upstream/exchange.ts';
import type { Given, Option } from '../command.ts';
import { placesOf } from './app-itself.ts';

/** How the person leaves. */
export type WayOut =
  | { readonly kind: 'back-channel' }
  | { readonly kind: 'person' }
  | { readonly kind: 'wait' }
  /** The identity provider's own logout page. */
  | { readonly kind: 'idp'; readonly url: URL };

/** A drill as it was asked for. */
export interface Wish {
  readonly isLive: boolean;
  readonly user: string;
  readonly password: string;
  readonly fields: { readonly user: string | undefined; readonly password: string | undefined };
  /** Pages to open; never empty. */
  readonly pages: readonly URL[];
  /** WebSockets (`ws:`, `wss:`) and answers without an end. */
  readonly streams: readonly URL[];
  readonly wayOut: WayOut;
  /** Text that only people see who are signed in to the app. */
  readonly shows: string | undefined;
  /** Apps that are known to take their old cookies again. */
  readonly mayRemember: readonly string[];
  /** Where `host:port` really is. */
  readonly connectTo: ReadonlyMap<string, Place>;
}

/** The options, as `--help` prints them. */
export const OPTIONS = {
  user: { type: 'string', help: 'test account at the identity provider' },
  'password-file': { type: 'string', names: 'file', help: 'file with its password' },
  'password-env': { type: 'string', help: 'or environment variable with its password' },
  app: {
    type: 'string',
    multiple: true,
    names: 'app',
    help: 'app whose front page is opened; may be repeated (default: every app)',
  },
  open: { type: 'string', multiple: true, help: 'address of a page to open; may be repeated' },
  stream: { type: 'string', multiple: true, help: 'address of an event stream or WebSocket (wss://…) to hold open' },
  shows: {
    type: 'string',
    help: 'text that an app shows only to people it has signed in (default: found by comparing)',
  },
  'sign-out': {
    type: 'string',
    help: 'back-channel: a LogoutRequest by SOAP (default); person: /.curfew/logout (default with --live); an address: the identity provider’s logout page; wait: you do it elsewhere',
  },
  live: { type: 'boolean', help: 'drill the running gateway from outside, not one of the drill’s own' },
  'may-remember': {
    type: 'string',
    multiple: true,
    names: 'app',
    help: 'app known to take its old cookies after it was told goodbye',
  },
  'connect-to': { type: 'string', multiple: true, help: 'HOST:PORT:HOST2:PORT2: where an address really is' },
  'user-field': { type: 'string', help: 'name of the user’s field in the sign-in form (default: found)' },
  'password-field': { type: 'string', help: 'name of the password’s field (default: found by its type)' },
} as const satisfies Readonly<Record<string, Option>>;

/** Reads the options, or says all that is wrong with them. */
export function readWish(
  { options, env }: Pick<Given, 'options' | 'env'>,
  configuration: Pick<Configuration, 'apps' | 'publicUrl'>,
): Wish | { readonly faults: readonly string[] } {
  const faults: string[] = [];
  const isLive = options['live'] === true;
  const named = listOf(options['app']);
  const places = placesOf(configuration);
  const apps = new Map(places.map((place) => [place.app, new URL(frontPage(place))]));
  for (const name of [...named, ...listOf(options['may-remember'])]) {
    if (!apps.has(name)) faults.push(`there is no app "${name}"; the policies have ${[...apps.keys()].join(', ')}`);
  }
  const given = { open: listOf(options['open']), stream: listOf(options['stream']) };
  const isAll = named.length === 0 && given.open.length === 0;
  const fronts = (isAll ? [...apps.keys()] : named).flatMap((name) => apps.get(name) ?? []);
  const opened = [...fronts, ...given.open.flatMap((text) => address(text, /^https?:$/, '--open', faults))];
  const streams = given.stream.flatMap((text) => address(text, /^(?:https?|wss?):$/, '--stream', faults));
  // A browser has been at an app before a script of it opens a stream.
  const appOf = (url: URL): string => appOfAddress(places, url.href.replace(/^ws/, 'http'))?.app ?? '';
  const visited = new Set(opened.map(appOf));
  const others = new Set(streams.map(appOf).filter((name) => !visited.has(name)));
  const wish = {
    isLive,
    user: textOf(options['user']) ?? '',
    password: passwordOf(options, env, faults),
    fields: { user: textOf(options['user-field']), password: textOf(options['password-field']) },
    pages: [...opened, ...[...others].flatMap((name) => apps.get(name) ?? [])],
    streams,
    wayOut: wayOutOf(textOf(options['sign-out']) ?? (isLive ? 'person' : 'back-channel'), isLive, faults),
    shows: textOf(options['shows']),
    mayRemember: listOf(options['may-remember']),
    connectTo: new Map(listOf(options['connect-to']).flatMap((text) => connection(text, faults))),
  };
  if (wish.user === '') faults.push('there is no account; write --user NAME');
  return faults.length > 0 ? { faults } : wish;
}

type Value = Given['options'][string];

const textOf = (value: Value): string | undefined => (typeof value === 'string' ? value : undefined);
const listOf = (value: Value): readonly string[] => (Array.isArray(value) ? (value as readonly string[]) : []);

/** A word on the command line is everybody's to read, so a password is never one. */
function passwordOf(options: Given['options'], env: NodeJS.ProcessEnv, faults: string[]): string {
  const [file, name] = [textOf(options['password-file']), textOf(options['password-env'])];
  if ((file === undefined) === (name === undefined)) {
    faults.push('one source of the password is needed; write --password-file FILE or --password-env NAME');
    return '';
  }
  const password = file === undefined ? env[name ?? ''] : readLine(file);
  if (password === undefined || password === '') {
    faults.push(file === undefined ? `the environment has no ${name ?? ''}` : `${file} cannot be read, or is empty`);
  }
  return password ?? '';
}

function readLine(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}

function wayOutOf(text: string, isLive: boolean, faults: string[]): WayOut {
  if (text === 'back-channel' && isLive) {
    faults.push('a running gateway takes no LogoutRequest of ours; write --sign-out person, wait or an address');
  }
  if (text === 'back-channel' || text === 'person' || text === 'wait') return { kind: text };
  const [url] = address(text, /^https?:$/, '--sign-out', faults);
  return url === undefined ? { kind: 'person' } : { kind: 'idp', url };
}

function address(text: string, scheme: RegExp, option: string, faults: string[]): URL[] {
  const url = URL.parse(text);
  if (url !== null && scheme.test(url.protocol)) return [url];
  faults.push(`${option} "${text}" is no address; write a whole one, such as "https://wiki.example.com/"`);
  return [];
}

function connection(text: string, faults: string[]): [string, Place][] {
  const [, from, host = '', port] = /^([^:]+:\d+):(\[[^\]]+\]|[^:]+):(\d+)$/.exec(text) ?? [];
  if (from !== undefined) return [[from.toLowerCase(), { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }]];
  faults.push(`--connect-to "${text}" is not HOST:PORT:HOST2:PORT2; write "login.example.com:443:10.0.0.5:8443"`);
  return [];
}
