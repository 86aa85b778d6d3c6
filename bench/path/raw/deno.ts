/**
 * The bare networks of Deno: one awaited write per message, one read loop per socket.
 *
 * @module
 */

import { type Network, type Pipe, type RawNetworks, socketPath } from "../pipe.ts";
import { channel } from "./channel.ts";
import { dataChannel } from "./data_channel.ts";
import { quic } from "./quic_deno.ts";
import { secureWebSocket } from "./secure_web_socket.ts";
import { tls } from "./tls.ts";
import { dialWebSocket, webSocketPipe } from "./web_socket.ts";

const READ_BYTES = 64 * 1024;
// An idle socket is not charged for more; a busy one soon fills it.
const FIRST_READ_BYTES = 1024;
const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

const tcp: Network = {
  serve(onPipe) {
    const listener = Deno.listen(LOOPBACK);
    void accept(listener, onPipe);
    return Promise.resolve(String(listener.addr.port));
  },
  dial: async (address) => socketPipe(await Deno.connect({ ...LOOPBACK, port: Number(address) })),
};

const unix: Network = {
  serve(onPipe) {
    const path = socketPath();
    void accept(Deno.listen({ transport: "unix", path }), onPipe);
    return Promise.resolve(path);
  },
  dial: async (path) => socketPipe(await Deno.connect({ transport: "unix", path })),
};

async function accept(
  listener: Deno.TcpListener | Deno.UnixListener,
  onPipe: (pipe: Pipe) => void,
): Promise<void> {
  for await (const conn of listener) onPipe(socketPipe(conn));
}

function socketPipe(conn: Deno.TcpConn | Deno.UnixConn): Pipe {
  if ("setNoDelay" in conn) conn.setNoDelay(true);
  return {
    async send(bytes) {
      let written = await conn.write(bytes);
      while (written < bytes.length) written += await conn.write(bytes.subarray(written));
    },
    async receive(handler) {
      let buffer = new Uint8Array(FIRST_READ_BYTES);
      for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
        if (count === FIRST_READ_BYTES && buffer.length === count) {
          void handler(buffer);
          buffer = new Uint8Array(READ_BYTES);
          continue;
        }
        const done = handler(buffer.subarray(0, count));
        if (done !== undefined) await done;
      }
    },
  };
}

const ws: Network = {
  serve: (onPipe) => Promise.resolve(`ws://127.0.0.1:${serveWebSockets(onPipe)}`),
  dial: dialWebSocket,
};

const wss = secureWebSocket((cert, key, onPipe) => serveWebSockets(onPipe, { cert, key }));

function serveWebSockets(onPipe: (pipe: Pipe) => void, tls?: { cert: string; key: string }): number {
  const server = Deno.serve({ ...LOOPBACK, ...tls, onListen() {} } as Deno.ServeTcpOptions, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    onPipe(webSocketPipe(socket));
    return response;
  });
  return server.addr.port;
}

const udp: Network = {
  serve(onPipe) {
    const conn = Deno.listenDatagram({ ...LOOPBACK, transport: "udp" });
    onPipe(udpPipe(conn, conn.addr as Deno.NetAddr));
    return Promise.resolve(String((conn.addr as Deno.NetAddr).port));
  },
  dial(address) {
    const conn = Deno.listenDatagram({ ...LOOPBACK, transport: "udp" });
    return Promise.resolve(udpPipe(conn, { ...LOOPBACK, transport: "udp", port: Number(address) }));
  },
};

function udpPipe(conn: Deno.DatagramConn, target: Deno.NetAddr): Pipe {
  return {
    async send(bytes) {
      await conn.send(bytes, target);
    },
    async receive(handler) {
      const buffer = new Uint8Array(READ_BYTES);
      while (true) {
        const [bytes] = await conn.receive(buffer);
        void handler(bytes);
      }
    },
  };
}

/**
 * The bare networks of Deno. None has rings in memory: a Unix socket is what else processes of one machine take; and
 * WebTransport is held against the QUIC that it runs over.
 */
export const networks: RawNetworks = {
  tcp,
  tls,
  unix,
  shm: unix,
  ws,
  wss,
  quic,
  wt: quic,
  webrtc: dataChannel,
  udp,
  mem: channel,
};
