// A reverse proxy by node:http and nothing else, on the port it is given, in front of the address it is given.

import { Agent, createServer, request } from 'node:http';

const [port, upstream = ''] = process.argv.slice(2);
const { hostname, port: upstreamPort } = new URL(upstream);
const agent = new Agent({ keepAlive: true });

createServer((asked, response) => {
  const { method, url: path, headers } = asked;
  const passed = request({ agent, hostname, port: upstreamPort, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => response.destroy());
  asked.pipe(passed);
}).listen(Number(port), '127.0.0.1');
