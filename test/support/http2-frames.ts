// Frames of HTTP/2 as nobody's library writes them (RFC 9113 §4, §6).

import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const END_HEADERS = 4;

/** One frame as it arrived. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** One frame, to be written. */
export function frame(type: number, flags: number, stream: number, payload: Buffer | string = ''): Buffer {
  const bytes = Buffer.from(payload as string, 'latin1');
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
}

/** A field block without compression: each field literal, with its name (RFC 7541 §6.2.2). */
export const fieldBlock = (fields: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    let rest = bytes.length - 127;
    length.push(127);
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** A number of four bytes: an increment, or a code. */
export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** A connection that is spoken to in frames. */
export interface RawConnection {
  write(...frames: readonly Buffer[]): void;
  /** All that comes until a frame that fits, which is the last; without one where the connection ends before. */
  until(fits: (frame: Frame) => boolean): Promise<readonly Frame[]>;
  /** Whether it has ended. */
  readonly isOver: () => boolean;
}

/** Says what a client says first, and takes what comes. `settings` are pairs of identifier and value. */
export function speakFrames(
  socket: TLSSocket,
  settings: readonly (readonly [id: number, value: number])[] = [],
): RawConnection {
  const values = settings.map(([id, value]) => Buffer.concat([Buffer.from([0, id]), uint32(value)]));
  const frames: Frame[] = [];
  let held: Buffer = Buffer.alloc(0);
  let isOver = false;
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 9 && held.length >= 9 + held.readUIntBE(0, 3)) {
      const end = 9 + held.readUIntBE(0, 3);
      const [type = 0, flags = 0] = [held[3], held[4]];
      frames.push({ type, flags, stream: held.readUInt32BE(5), payload: held.subarray(9, end) });
      held = held.subarray(end);
      socket.emit('frame');
    }
  });
  socket.once('close', () => {
    isOver = true;
    socket.emit('frame');
  });
  socket.write(
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0, Buffer.concat(values))]),
  );
  return {
    write: (...all) => {
      if (socket.writable) socket.write(Buffer.concat(all));
    },
    until: async (fits) => {
      for (;;) {
        const at = frames.findIndex(fits);
        if (at >= 0) return frames.splice(0, at + 1);
        if (isOver) return frames.splice(0);
        await once(socket, 'frame');
      }
    },
    isOver: () => isOver,
  };
}

/** The code of a RST_STREAM or GOAWAY. */
export const codeOf = ({ type, payload }: Frame): number => payload.readUInt32BE(type === GOAWAY ? 4 : 0);
