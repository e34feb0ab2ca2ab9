// Answers every request with 1 KiB, by node:http and nothing else, on the port it is given.

import { createServer } from 'node:http';

const body = Buffer.alloc(1024, 'x');

createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': body.length });
  response.end(body);
}).listen(Number(process.argv[2]), '127.0.0.1');
