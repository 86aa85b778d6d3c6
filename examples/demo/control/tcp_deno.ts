/**
 * Plain TCP on Deno: `Deno.listen`, `Deno.connect`.
 *
 * @module
 */

import { type Channel, RELIABLE_CHUNK_BYTES } from "../channel.ts";
import { type ControlListening, HIGH_WATER_BYTES, HOST } from "./control.ts";
import { Inbox, Outbox } from "./framing.ts";
import { Handlers } from "./handlers.ts";

const READ_BYTES = 256 * 1024;

/** Listens; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const listener = Deno.listen({ hostname: HOST, port: 0 });
  const accepting = (async () => {
    for await (const conn of listener) onChannel(channelOf(conn));
  })();
  return {
    port: listener.addr.port,
    async close() {
      listener.close();
      await accepting;
    },
  };
}

/** Dials; see `Control`. */
export async function dial(port: number): Promise<Channel> {
  return channelOf(await Deno.connect({ hostname: HOST, port }));
}

function channelOf(conn: Deno.TcpConn): Channel {
  conn.setNoDelay(true);
  const handlers = new Handlers();
  const outbox = new Outbox();
  let writing = false;
  void readAll();
  return {
    reliable: true,
    chunkBytes: RELIABLE_CHUNK_BYTES,
    windowMessages: Infinity,
    send(message) {
      outbox.push(message);
      if (!writing) {
        writing = true;
        queueMicrotask(writeAll);
      }
      return outbox.length < HIGH_WATER_BYTES;
    },
    drained: () => handlers.drained(),
    onMessage: handlers.onMessage,
    ended: handlers.ended,
    close: () => Promise.resolve(end("closed")),
  };

  async function writeAll(): Promise<void> {
    try {
      while (outbox.length > 0) {
        const bytes = outbox.take();
        handlers.handleDrained();
        for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
      }
      writing = false;
    } catch (error) {
      end(String(error));
    }
  }

  async function readAll(): Promise<void> {
    const inbox = new Inbox();
    const buffer = new Uint8Array(READ_BYTES);
    try {
      for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
        inbox.push(buffer.subarray(0, count), handlers.handleMessage);
      }
      end("the peer closed");
    } catch (error) {
      end(String(error));
    }
  }

  function end(reason: string): void {
    if (handlers.isOver) return;
    handlers.handleEnd(reason);
    conn.close();
  }
}
