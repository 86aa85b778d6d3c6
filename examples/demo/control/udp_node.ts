/**
 * Plain UDP on Node: `node:dgram`.
 *
 * @module
 */

import { createSocket, type Socket } from "node:dgram";
import type { Channel } from "../channel.ts";
import { type ControlListening, DATAGRAM_WINDOW, HOST } from "./control.ts";
import { datagramChannel, Senders } from "./datagrams.ts";

/** Listens; see `Control`. */
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const socket = await open();
  const senders = new Senders(onChannel);
  socket.on("message", (bytes, { address, port }) => {
    senders.handle(bytes, address, port, () => {
      const send = counted(
        (answer, onSent) => socket.send(answer, port, address, onSent),
        () => senders.handleDrained(),
      );
      return send;
    });
  });
  return { port: socket.address().port, close: () => close(socket) };
}

/** Dials; see `Control`. */
export async function dial(port: number): Promise<Channel> {
  const socket = await open();
  await new Promise<void>((resolve) => socket.connect(port, HOST, resolve));
  const { handlers, channel } = datagramChannel(
    counted((bytes, onSent) => socket.send(bytes, onSent), () => handlers.handleDrained()),
    () => close(socket),
  );
  socket.on("message", handlers.handleMessage);
  return channel;
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(0, HOST, () => resolve(socket));
  });
}

function close(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.close(resolve));
}

// libuv holds a view of what is sent until the kernel has taken it.
function counted(
  send: (bytes: Uint8Array, onSent: () => void) => void,
  onDrained: () => void,
): (bytes: Uint8Array) => boolean {
  let underWay = 0;
  const onSent = () => {
    if (--underWay === DATAGRAM_WINDOW / 2) onDrained();
  };
  return (bytes) => {
    send(bytes.slice(), onSent);
    return ++underWay < DATAGRAM_WINDOW;
  };
}
