/**
 * The WebSocket protocol by hand (RFC 6455), to say what no library would say, and to stop reading.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** One frame. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** Opcodes of RFC 6455 §5.2. */
export const [TEXT, BINARY, CLOSE, PING, PONG] = [1, 2, 8, 9, 10];

const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** One side of a WebSocket whose handshake is done, or an answer that was none. */
export class RawWebSocket {
  /** Status line and headers of the answer; empty on the side that listened. */
  head = "";
  readonly socket: Socket;
  readonly #masks: boolean;
  #bytes = new Uint8Array(0);
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, masks: boolean) {
    this.socket = socket;
    this.#masks = masks;
    socket.on("error", () => {}); // `closed` tells.
    socket.on("close", () => {
      this.#ended = true;
      this.#wake?.();
    });
    socket.on("data", (bytes: Uint8Array) => {
      const joined = new Uint8Array(this.#bytes.length + bytes.length);
      joined.set(this.#bytes);
      joined.set(bytes, this.#bytes.length);
      this.#bytes = joined;
      this.#wake?.();
    });
  }

  /** Dials and sends a handshake with these extra header lines; `head` holds the answer. */
  static async dial(url: string, headers: readonly string[]): Promise<RawWebSocket> {
    const { hostname, port, host, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, "connect");
    const raw = new RawWebSocket(socket, true);
    const lines = [
      `GET ${pathname} HTTP/1.1`,
      `Host: ${host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      ...headers,
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    await raw.#readHead();
    return raw;
  }

  /** The number in the status line. */
  get status(): number {
    return Number(this.head.split(" ")[1]);
  }

  /** Sends one frame; what it does not hold is `fin`, and the mask where it must be. */
  send(opcode: number, payload: Uint8Array): void {
    const { length } = payload;
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
    const mask = this.#masks ? [1, 2, 3, 4] : [];
    const frame = new Uint8Array(2 + extended + mask.length + length);
    const view = new DataView(frame.buffer);
    frame[0] = 0x80 | opcode;
    frame[1] = (this.#masks ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
    if (extended === 2) view.setUint16(2, length);
    if (extended === 8) view.setUint32(6, length);
    frame.set(mask, 2 + extended);
    const at = 2 + extended + mask.length;
    for (let index = 0; index < length; index++) {
      frame[at + index] = payload[index] ^ (this.#masks ? mask[index & 3] : 0);
    }
    this.socket.write(frame);
  }

  /** The next frame, unmasked. */
  async next(): Promise<Frame> {
    while (true) {
      const frame = this.#take();
      if (frame !== undefined) return frame;
      if (this.#ended) throw new Error("the connection ended without a further frame");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** The code and reason of the close frame that comes next. */
  async nextClose(): Promise<{ code: number; reason: string }> {
    const { opcode, payload } = await this.next();
    if (opcode !== CLOSE) throw new Error(`a frame with opcode ${opcode} came in place of a close`);
    return { code: payload[0] << 8 | payload[1], reason: new TextDecoder().decode(payload.subarray(2)) };
  }

  /** All that came after the head, until the end: the body of a refusal. */
  async rest(): Promise<string> {
    while (!this.#ended) await new Promise<void>((resolve) => this.#wake = resolve);
    return new TextDecoder().decode(this.#bytes);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #readHead(): Promise<void> {
    while (true) {
      const text = new TextDecoder("latin1").decode(this.#bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        this.head = text.slice(0, end);
        this.#bytes = this.#bytes.slice(end + 4);
        return;
      }
      if (this.#ended) throw new Error("the connection ended before an answer");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #take(): Frame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const extended = [126, 127].indexOf(bytes[1] & 0x7f);
    const masked = bytes[1] >= 0x80;
    const lengthBytes = [2, 8][extended] ?? 0;
    const at = 2 + lengthBytes + (masked ? 4 : 0);
    if (bytes.length < at) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const length = extended === 0 ? view.getUint16(2) : extended === 1 ? view.getUint32(6) : bytes[1] & 0x7f;
    if (bytes.length < at + length) return undefined;
    const payload = bytes.slice(at, at + length);
    if (masked) {
      const mask = bytes.subarray(at - 4, at);
      for (let index = 0; index < length; index++) payload[index] ^= mask[index & 3];
    }
    this.#bytes = bytes.subarray(at + length);
    return { opcode: bytes[0] & 0x0f, payload };
  }
}

/** Accepts one client, says yes to its handshake, and then reads nothing until `resume` of the socket. */
export class RawWebSocketServer {
  readonly url: string;
  /** The one client. */
  readonly client: Promise<RawWebSocket>;
  readonly #close: () => void;

  private constructor(url: string, client: Promise<RawWebSocket>, close: () => void) {
    this.url = url;
    this.client = client;
    this.#close = close;
  }

  /** Listens. `answer` are further header lines of its answer. */
  static async listen(answer: readonly string[]): Promise<RawWebSocketServer> {
    const sockets: Socket[] = [];
    const { promise, resolve } = Promise.withResolvers<RawWebSocket>();
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {}); // Whoever ends it roughly is a test.
      socket.once("data", (request: Uint8Array) => {
        const key = /sec-websocket-key: *(\S+)/i.exec(new TextDecoder().decode(request))?.[1];
        const accept = createHash("sha1").update(key + ACCEPT_GUID).digest("base64");
        socket.pause();
        const lines = [
          "HTTP/1.1 101 Switching Protocols",
          "Upgrade: websocket",
          "Connection: Upgrade",
          `Sec-WebSocket-Accept: ${accept}`,
          ...answer,
        ];
        socket.write(`${lines.join("\r\n")}\r\n\r\n`);
        const raw = new RawWebSocket(socket, false);
        socket.pause();
        resolve(raw);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return new RawWebSocketServer(`ws://127.0.0.1:${port}/`, promise, () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
