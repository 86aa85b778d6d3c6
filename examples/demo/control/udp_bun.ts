/**
 * Plain UDP on Bun: `Bun.udpSocket`.
 *
 * @module
 */

import type { Channel } from "../channel.ts";
import { type ControlListening, HOST } from "./control.ts";
import { datagramChannel, Senders } from "./datagrams.ts";

interface Socket {
  readonly port: number;
  send(bytes: Uint8Array, port?: number, host?: string): boolean;
  close(): void;
}

interface Options {
  readonly hostname: string;
  readonly port: number;
  readonly binaryType: "uint8array";
  readonly connect?: { readonly hostname: string; readonly port: number };
  readonly socket: {
    data(socket: Socket, bytes: Uint8Array, port: number, host: string): void;
    drain(socket: Socket): void;
  };
}

declare const Bun: { udpSocket(options: Options): Promise<Socket> };

/** Listens; see `Control`. */
export async function listen(onChannel: (channel: Channel) => void): Promise<ControlListening> {
  const senders = new Senders(onChannel);
  const socket = await Bun.udpSocket({
    hostname: HOST,
    port: 0,
    binaryType: "uint8array",
    socket: {
      data: (socket, bytes, port, host) =>
        senders.handle(bytes, host, port, () => (answer) => socket.send(answer, port, host)),
      drain: () => senders.handleDrained(),
    },
  });
  return { port: socket.port, close: () => Promise.resolve(socket.close()) };
}

/** Dials; see `Control`. */
export async function dial(port: number): Promise<Channel> {
  const { handlers, channel } = datagramChannel(
    (bytes) => socket.send(bytes),
    () => Promise.resolve(socket.close()),
  );
  const socket = await Bun.udpSocket({
    hostname: HOST,
    port: 0,
    binaryType: "uint8array",
    connect: { hostname: HOST, port },
    socket: {
      data: (_socket, bytes) => handlers.handleMessage(bytes),
      drain: () => handlers.handleDrained(),
    },
  });
  return channel;
}
