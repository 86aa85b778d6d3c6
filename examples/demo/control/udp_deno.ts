/**
 * Plain UDP on Deno: `Deno.listenDatagram`, which needs `--unstable-net`.
 *
 * @module
 */

import type { Channel } from "../channel.ts";
import { type ControlListening, DATAGRAM_WINDOW, HOST } from "./control.ts";
import { datagramChannel, type SendDatagram, Senders } from "./datagrams.ts";

const RECEIVE_BYTES = 65_536;

/** Listens; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const conn = open();
  const senders = new Senders(onChannel);
  const receiving = receiveAll(conn, (bytes, from) => {
    senders.handle(bytes, from.hostname, from.port, () => sendTo(conn, from, () => senders.handleDrained()));
  });
  return { port: (conn.addr as Deno.NetAddr).port, close: () => (conn.close(), receiving) };
}

/** Dials; see `Control`. */
// deno-lint-ignore require-await -- others of its kind are asynchronous
export async function dial(port: number): Promise<Channel> {
  const conn = open();
  const target: Deno.NetAddr = { transport: "udp", hostname: HOST, port };
  const send = sendTo(conn, target, () => handlers.handleDrained());
  const { handlers, channel } = datagramChannel(send, () => (conn.close(), receiving));
  const receiving = receiveAll(conn, handlers.handleMessage);
  return channel;
}

function open(): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: HOST, port: 0 });
}

function sendTo(conn: Deno.DatagramConn, target: Deno.NetAddr, onDrained: () => void): SendDatagram {
  let underWay = 0;
  const onSent = () => {
    if (--underWay === DATAGRAM_WINDOW / 2) onDrained();
  };
  return (bytes) => {
    conn.send(bytes.slice(), target).then(onSent, onSent);
    return ++underWay < DATAGRAM_WINDOW;
  };
}

async function receiveAll(
  conn: Deno.DatagramConn,
  handle: (bytes: Uint8Array, from: Deno.NetAddr) => void,
): Promise<void> {
  const buffer = new Uint8Array(RECEIVE_BYTES);
  try {
    while (true) {
      const [bytes, from] = await conn.receive(buffer);
      handle(bytes, from as Deno.NetAddr);
    }
  } catch {
    // The socket is closed.
  }
}
