// The application behind everything that is measured: nginx with files, which is faster than whatever stands in front of it.

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandAt, freePorts, openFolder, startProgram } from '../program.ts';

/** Files by path. */
export const BODIES = { '/1k': 1024, '/64k': 64 * 1024, '/10m': 10 * 1024 ** 2 } as const;

/** Starts it. `urls` are as many addresses as were asked for, all the same server. Rejects where nginx is not installed. */
export async function startUpstream(folder: string, addresses = 1) {
  const nginx = commandAt('nginx');
  if (nginx === undefined) throw new Error('nginx is not installed: `apt-get install nginx-light`');
  const own = openFolder(folder, 'upstream');
  const files = openFolder(own, 'files');
  for (const [path, bytes] of Object.entries(BODIES)) {
    writeFileSync(join(files, path), Buffer.alloc(bytes, 'x'));
    chmodSync(join(files, path), 0o644);
  }
  const ports = await freePorts(addresses);
  writeFileSync(join(own, 'nginx.conf'), configuration(own, ports));
  const program = await startProgram(own, ports[0] ?? 0, [
    nginx,
    ...['-p', own, '-c', join(own, 'nginx.conf'), '-e', join(own, 'error.log')],
  ]);
  return { urls: ports.map((port) => `http://127.0.0.1:${port}`), stop: program.stop };
}

const configuration = (own: string, ports: readonly number[]): string => `
worker_processes 1; daemon off; pid ${own}/pid; user ${process.getuid?.() === 0 ? 'www-data' : 'nobody'};
events { worker_connections 8192; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_timeout 65; keepalive_requests 1000000000;
  default_type text/plain; client_max_body_size 0; client_body_temp_path ${own}/body;
  ${['proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${own}/${kind};`).join(' ')}
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join(' ')}
    root ${own}/files;
    rewrite ^/a[0-9]+(/.*)$ $1;
    # An answer that is there before the body would break the upload off; whoever is asked in turn makes nginx read all of it first.
    location = /upload {
      client_body_buffer_size 2m; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_method GET;
      proxy_pass http://127.0.0.1:${ports[0] ?? 0}/taken;
    }
    location = /taken { return 200 "taken\\n"; }
    location = /cookie { add_header Set-Cookie "app=0123456789abcdef0123456789abcdef; Path=/; HttpOnly"; return 200 "set\\n"; }
  }
}
`;
