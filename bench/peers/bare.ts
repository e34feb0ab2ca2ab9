// Proxies without sessions, as the floor: nginx, haproxy, Caddy, and Node answering by itself.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandAt, freePort, openFolder, startProgram } from '../program.ts';
import type { Peer } from '../target.ts';

interface Recipe {
  readonly name: string;
  readonly command: string;
  readonly file: string;
  readonly given: (own: string, file: string) => readonly string[];
  readonly text: (own: string, port: number, upstream: URL) => string;
  readonly environment?: (own: string) => NodeJS.ProcessEnv;
}

const nginx: Recipe = {
  name: 'nginx',
  command: 'nginx',
  file: 'nginx.conf',
  given: (own, file) => ['-p', own, '-c', file, '-e', join(own, 'error.log')],
  text: (own, port, upstream) => `
worker_processes 1; daemon off; pid ${own}/pid; user ${process.getuid?.() === 0 ? 'www-data' : 'nobody'};
events { worker_connections 8192; }
http {
  access_log off; keepalive_timeout 65; keepalive_requests 1000000000; client_max_body_size 0;
  client_body_temp_path ${own}/body;
  ${['proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${own}/${kind};`).join(' ')}
  upstream app { server ${upstream.host}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header X-Remote-User user0; proxy_set_header X-Forwarded-For $remote_addr;
    }
  }
}
`,
};

const haproxy: Recipe = {
  name: 'haproxy',
  command: 'haproxy',
  file: 'haproxy.cfg',
  given: (_own, file) => ['-db', '-f', file],
  text: (_own, port, upstream) => `
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
listen app
  bind 127.0.0.1:${port}
  http-request set-header X-Remote-User user0
  option forwardfor
  server app ${upstream.host}
`,
};

const caddy: Recipe = {
  name: 'Caddy',
  command: 'caddy',
  file: 'Caddyfile',
  given: (_own, file) => ['run', '--adapter', 'caddyfile', '--config', file],
  text: (own, port, upstream) => `{
  admin off
  auto_https off
  storage file_system ${own}/storage
}
http://127.0.0.1:${port} {
  reverse_proxy ${upstream.host} {
    header_up X-Remote-User user0
  }
}
`,
  environment: (own) => ({ XDG_DATA_HOME: own, XDG_CONFIG_HOME: own, GOMAXPROCS: '1' }),
};

/** Proxies that are installed here and know no session, and the names of those that are not. */
export const BARE: readonly Recipe[] = [nginx, haproxy, caddy];

/** Starts one in front of `upstream`; undefined where it is not installed. */
export async function startBare(recipe: Recipe, folder: string, upstream: string): Promise<Peer | undefined> {
  const command = commandAt(recipe.command);
  if (command === undefined) return undefined;
  const own = openFolder(folder, recipe.command);
  const port = await freePort();
  const file = join(own, recipe.file);
  writeFileSync(file, recipe.text(own, port, new URL(upstream)));
  const program = await startProgram(own, port, [command, ...recipe.given(own, file)], recipe.environment?.(own));
  return { name: recipe.name, url: `http://127.0.0.1:${port}`, roots: [program.pid], folder: own, stop: program.stop };
}

/** Node answering 1 KiB by itself: what any proxy on it costs at least. */
export const startHello = (folder: string): Promise<Peer> => startNode(folder, 'node:http alone', 'hello.ts');

/** Node passing requests on and doing nothing else: what a proxy on it adds to the time of an answer at least. */
export const startPlainProxy = (folder: string, upstream: string): Promise<Peer> =>
  startNode(folder, 'a proxy of node:http', 'plain-proxy.ts', upstream);

async function startNode(folder: string, name: string, file: string, ...given: readonly string[]): Promise<Peer> {
  const own = openFolder(folder, file.replace('.ts', ''));
  const port = await freePort();
  const all = [join(import.meta.dirname, file), String(port), ...given];
  const program = await startProgram(own, port, [process.execPath, ...all]);
  return { name, url: `http://127.0.0.1:${port}`, roots: [program.pid], folder: own, stop: program.stop };
}
