// Where one WebSocket frame ends and the next begins in what an application sends, so that a Close of ours never stands inside one.

/** Why a WebSocket that was not closed by its ends is closed. 1001 is RFC 6455's, 4401 ours (RFC 6455 §7.4.1, §7.4.2). */
export const CLOSE_FRAMES = {
  'signed out': closeFrame(4401, 'signed out'),
  'going away': closeFrame(1001, 'going away'),
} as const;

const CLOSE = 0x8;
/** Continuation, text, binary; Close, Ping, Pong are the same with the bit of control frames: 0x3 to 0x7 are none (RFC 6455 §5.2). */
const LAST_OPCODE = 0x2;
const MAX_CONTROL_BYTES = 125;
/** Flags and opcode, length, extended length, masking key (RFC 6455 §5.2). */
const MAX_HEADER_BYTES = 14;

/**
 * Follows the frames that pass, by their headers alone: it looks at no payload, keeps at most one header, and costs one subtraction for
 * a piece that ends inside a frame. Compression changes payloads, not headers (RFC 7692 §6).
 */
export class FrameFollower {
  /** Infinity where what passed is no frame: it never ends. */
  #payloadLeft = 0;
  readonly #header = Buffer.alloc(MAX_HEADER_BYTES);
  /** Bytes of a header that came without its rest. */
  #held = 0;
  #isClosing = false;

  /**
   * Whether a Close frame may follow what has passed: between two frames, those of one message included (RFC 6455 §5.4), and not after
   * another Close (§5.5.1). False for ever once something passed that is no frame.
   */
  get mayClose(): boolean {
    return this.#payloadLeft === 0 && this.#held === 0 && !this.#isClosing;
  }

  /** Bytes have passed, in whatever pieces. */
  pass(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const taken = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= taken;
        at += taken;
        continue;
      }
      const second = chunk[at + 1];
      // A short message whose header came whole, as most do, is read where it stands.
      if (this.#held === 0 && second !== undefined && second < 126 && ((chunk[at] as number) & 0x0f) <= LAST_OPCODE) {
        this.#payloadLeft = second;
        at += 2;
      } else {
        this.#header[this.#held] = chunk[at] as number;
        this.#held += 1;
        at += 1;
        this.#read();
      }
    }
  }

  /** Begins the payload once the header is whole. */
  #read(): void {
    if (this.#held < 2) return;
    const opcode = (this.#header[0] as number) & 0x0f;
    const second = this.#header[1] as number;
    const short = second & 0x7f;
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    if ((opcode & 0x7) > LAST_OPCODE || (opcode >= CLOSE && short > MAX_CONTROL_BYTES)) {
      this.#payloadLeft = Infinity;
      return;
    }
    // A server masks nothing (§5.1); where one does, its frames end where they say all the same.
    if (this.#held < 2 + extended + (second >= 0x80 ? 4 : 0)) return;
    this.#held = 0;
    if (opcode === CLOSE) this.#isClosing = true;
    this.#payloadLeft = extended === 0 ? short : Number(this.#longLength(extended));
    // Beyond that numbers are no longer exact, and no such frame ever ends.
    if (!Number.isSafeInteger(this.#payloadLeft)) this.#payloadLeft = Infinity;
  }

  #longLength(bytes: 2 | 8): number | bigint {
    return bytes === 2 ? this.#header.readUInt16BE(2) : this.#header.readBigUInt64BE(2);
  }
}

/** RFC 6455 §5.5.1: the status, then the reason in UTF-8, unmasked as a server's frames are. */
function closeFrame(status: number, reason: string): Buffer {
  const frame = Buffer.alloc(4 + Buffer.byteLength(reason));
  frame[0] = 0x80 | 0x8;
  frame[1] = frame.length - 2;
  frame.writeUInt16BE(status, 2);
  frame.write(reason, 4);
  return frame;
}
