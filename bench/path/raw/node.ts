/**
 * The bare networks of Node: one write per message. Node has no WebSocket server of its own: `ws` stands for it.
 *
 * @module
 */

import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { WebSocket as WsSocket, WebSocketServer } from "ws";
import { type Network, type Pipe, type RawNetworks, socketPath } from "../pipe.ts";
import { channel } from "./channel.ts";
import { dataChannel } from "./data_channel.ts";
import { secureWebSocket, serveWs, wsPipe } from "./secure_web_socket.ts";
import { tls } from "./tls.ts";

const HOST = "127.0.0.1";

/** Datagrams on their way to the kernel from which on the sender waits. */
const SENDS_HIGH = 64;

const tcp: Network = {
  async serve(onPipe) {
    const server = createServer((socket) => onPipe(socketPipe(socket)));
    server.listen({ host: HOST, port: 0 });
    await once(server, "listening");
    return String((server.address() as AddressInfo).port);
  },
  async dial(address) {
    const socket = connect({ host: HOST, port: Number(address) });
    await once(socket, "connect");
    return socketPipe(socket);
  },
};

const unix: Network = {
  async serve(onPipe) {
    const path = socketPath();
    const server = createServer((socket) => onPipe(socketPipe(socket)));
    server.listen(path);
    await once(server, "listening");
    return path;
  },
  async dial(path) {
    const socket = connect(path);
    await once(socket, "connect");
    return socketPipe(socket);
  },
};

function socketPipe(socket: Socket): Pipe {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  return {
    send: (bytes) => socket.write(bytes) ? undefined : drained(socket),
    receive: (handler) => void socket.on("data", (bytes: Uint8Array) => void handler(bytes)),
  };
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("drain", resolve));
}

const ws: Network = {
  async serve(onPipe) {
    const server = new WebSocketServer({ host: HOST, port: 0, perMessageDeflate: false });
    server.on("connection", (socket) => onPipe(wsPipe(socket)));
    await once(server, "listening");
    return `ws://${HOST}:${(server.address() as AddressInfo).port}`;
  },
  async dial(address) {
    const socket = new WsSocket(address, { perMessageDeflate: false });
    await once(socket, "open");
    return wsPipe(socket);
  },
};

const udp: Network = {
  async serve(onPipe) {
    const socket = createSocket("udp4");
    socket.bind(0, HOST);
    await once(socket, "listening");
    onPipe(udpPipe(socket));
    return String(socket.address().port);
  },
  async dial(address) {
    const socket = createSocket("udp4");
    socket.connect(Number(address), HOST);
    await once(socket, "connect");
    return udpPipe(socket);
  },
};

function udpPipe(socket: DatagramSocket): Pipe {
  let pending = 0;
  let room: PromiseWithResolvers<void> | undefined;
  const onSent = () => {
    pending--;
    room?.resolve();
  };
  socket.on("error", () => {});
  return {
    send(bytes) {
      socket.send(bytes, onSent);
      if (++pending < SENDS_HIGH) return;
      room = Promise.withResolvers();
      return room.promise;
    },
    receive: (handler) => void socket.on("message", (bytes: Uint8Array) => void handler(bytes)),
  };
}

/** The bare networks of Node. None has rings in memory: a Unix socket is what else processes of one machine take. */
export const networks: RawNetworks = {
  tcp,
  tls,
  unix,
  shm: unix,
  ws,
  wss: secureWebSocket(serveWs),
  webrtc: dataChannel,
  udp,
  mem: channel,
};
