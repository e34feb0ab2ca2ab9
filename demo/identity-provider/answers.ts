// What a route answers with; server.ts writes it to the socket.

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const NO_STORE = { 'cache-control': 'no-store' };

export const html = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8', ...NO_STORE, ...headers },
  body,
});

export const xml = (body: string, contentType: string, status = 200): Answer => ({
  status,
  headers: { 'content-type': contentType, ...NO_STORE },
  body,
});

/** 303: whatever the method was, the next one is GET. */
export const seeOther = (location: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 303,
  headers: { location, ...NO_STORE, ...headers },
  body: '',
});
