/**
 * The bare networks of Bun: one write per message; what the kernel does not take waits for `drain`.
 *
 * @module
 */

import { type Network, type Pipe, type PipeHandler, type RawNetworks, socketPath } from "../pipe.ts";
import { channel } from "./channel.ts";
import { dataChannel } from "./data_channel.ts";
import { quic } from "./quic_bun.ts";
import { secureWebSocket } from "./secure_web_socket.ts";
import { tls } from "./tls.ts";
import { dialWebSocket } from "./web_socket.ts";

interface TcpSocket {
  data: TcpPipe;
  write(bytes: Uint8Array): number;
  setNoDelay(on: boolean): void;
}

interface TcpHandler {
  binaryType: "uint8array";
  open(socket: TcpSocket): void;
  data(socket: TcpSocket, bytes: Uint8Array): void;
  drain(socket: TcpSocket): void;
}

interface ServerSocket {
  data: SocketPipe;
  send(bytes: Uint8Array): number;
}

interface DatagramSocket {
  readonly port: number;
  send(bytes: Uint8Array): boolean;
}

interface DatagramOptions {
  hostname: string;
  connect?: { hostname: string; port: number };
  binaryType: "uint8array";
  socket: { data(socket: DatagramSocket, bytes: Uint8Array): void; drain(): void };
}

type SocketPlace = { hostname: string; port: number } | { unix: string };

declare const Bun: {
  listen(options: SocketPlace & { socket: TcpHandler }): { readonly port: number };
  connect(options: SocketPlace & { socket: TcpHandler }): Promise<TcpSocket>;
  udpSocket(options: DatagramOptions): Promise<DatagramSocket>;
  serve(options: {
    hostname: string;
    port: number;
    tls?: { cert: string; key: string };
    fetch(
      request: Request,
      server: { upgrade(request: Request, options: { data: SocketPipe }): boolean },
    ): void;
    websocket: {
      perMessageDeflate: false;
      open(socket: ServerSocket): void;
      message(socket: ServerSocket, bytes: Uint8Array): void;
    };
  }): { readonly port: number };
};

class TcpPipe implements Pipe {
  handler: PipeHandler | undefined;
  readonly #socket: TcpSocket;
  readonly #waiting: Uint8Array[] = [];

  constructor(socket: TcpSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
  }

  send(bytes: Uint8Array): void {
    if (this.#waiting.length > 0) {
      this.#waiting.push(bytes);
      return;
    }
    const written = this.#socket.write(bytes);
    if (written < bytes.length) this.#waiting.push(bytes.slice(written));
  }

  receive(handler: PipeHandler): void {
    this.handler = handler;
  }

  drain(): void {
    while (this.#waiting.length > 0) {
      const bytes = this.#waiting[0];
      const written = this.#socket.write(bytes);
      if (written < bytes.length) {
        this.#waiting[0] = bytes.subarray(written);
        return;
      }
      this.#waiting.shift();
    }
  }
}

function tcpHandler(onPipe: (pipe: Pipe) => void): TcpHandler {
  return {
    binaryType: "uint8array",
    open(socket) {
      socket.data = new TcpPipe(socket);
      onPipe(socket.data);
    },
    data: (socket, bytes) => void socket.data.handler?.(bytes),
    drain: (socket) => socket.data.drain(),
  };
}

const tcp: Network = {
  serve(onPipe) {
    const { port } = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: tcpHandler(onPipe) });
    return Promise.resolve(String(port));
  },
  async dial(address) {
    const socket = tcpHandler(() => {});
    return (await Bun.connect({ hostname: "127.0.0.1", port: Number(address), socket })).data;
  },
};

const unix: Network = {
  serve(onPipe) {
    const path = socketPath();
    Bun.listen({ unix: path, socket: tcpHandler(onPipe) });
    return Promise.resolve(path);
  },
  dial: async (path) => (await Bun.connect({ unix: path, socket: tcpHandler(() => {}) })).data,
};

class SocketPipe implements Pipe {
  handler: PipeHandler | undefined;
  socket: ServerSocket | undefined;

  send(bytes: Uint8Array): void {
    this.socket!.send(bytes);
  }

  receive(handler: PipeHandler): void {
    this.handler = handler;
  }
}

const ws: Network = {
  serve: (onPipe) => Promise.resolve(`ws://127.0.0.1:${serveWebSockets(onPipe)}`),
  dial: dialWebSocket,
};

const wss = secureWebSocket((cert, key, onPipe) => serveWebSockets(onPipe, { cert, key }));

function serveWebSockets(onPipe: (pipe: Pipe) => void, tls?: { cert: string; key: string }): number {
  const { port } = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls,
    fetch: (request, server) => void server.upgrade(request, { data: new SocketPipe() }),
    websocket: {
      perMessageDeflate: false,
      open(socket) {
        socket.data.socket = socket;
        onPipe(socket.data);
      },
      message: (socket, bytes) => void socket.data.handler?.(bytes),
    },
  });
  return port;
}

const udp: Network = {
  async serve(onPipe) {
    const pipe = new UdpPipe();
    await pipe.open();
    onPipe(pipe);
    return String(pipe.port);
  },
  async dial(address) {
    const pipe = new UdpPipe();
    await pipe.open(Number(address));
    return pipe;
  },
};

class UdpPipe implements Pipe {
  #socket!: DatagramSocket;
  #handler: PipeHandler | undefined;
  #drained: PromiseWithResolvers<void> | undefined;

  async open(port?: number): Promise<void> {
    this.#socket = await Bun.udpSocket({
      hostname: "127.0.0.1",
      ...(port === undefined ? {} : { connect: { hostname: "127.0.0.1", port } }),
      binaryType: "uint8array",
      socket: {
        data: (_socket, bytes) => void this.#handler?.(bytes),
        drain: () => this.#drained?.resolve(),
      },
    });
  }

  get port(): number {
    return this.#socket.port;
  }

  send(bytes: Uint8Array): void | Promise<void> {
    if (this.#socket.send(bytes)) return;
    this.#drained = Promise.withResolvers();
    return this.#drained.promise;
  }

  receive(handler: PipeHandler): void {
    this.#handler = handler;
  }
}

/** The bare networks of Bun. None has rings in memory: a Unix socket is what else processes of one machine take. */
export const networks: RawNetworks = {
  tcp,
  tls,
  unix,
  shm: unix,
  ws,
  wss,
  quic,
  webrtc: dataChannel,
  udp,
  mem: channel,
};
