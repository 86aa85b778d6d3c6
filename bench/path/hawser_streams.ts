/**
 * One stream of Hawser in each connection, which carries everything both ways.
 *
 * @module
 */

import { connect, listen, type Stream } from "../../mod.ts";
import type { Network, Pipe, PipeHandler, Scheme } from "./pipe.ts";

/** What differs from Hawser's defaults. */
export interface HawserStreamOptions {
  readonly compress: boolean;
}

/** Hawser's streams over one of its transports that need no certificate. */
export function hawserStreams(scheme: Scheme, options: HawserStreamOptions): Network {
  return {
    async serve(onPipe) {
      const server = await listen([`${scheme}://127.0.0.1:0`], options);
      server.onConnection((connection) => connection.onStream((stream) => onPipe(pipeOf(stream))));
      return server.urls[0];
    },
    async dial(address) {
      const connection = await connect(address, options);
      return pipeOf(await connection.openStream("bulk"));
    },
  };
}

function pipeOf({ readable, writable }: Stream): Pipe {
  const writer = writable.getWriter();
  return {
    send(bytes) {
      void writer.write(bytes);
      if (writer.desiredSize! <= 0) return writer.ready;
    },
    receive: (handler) => void readAll(readable, handler),
  };
}

async function readAll(readable: ReadableStream<Uint8Array>, handler: PipeHandler): Promise<void> {
  const reader = readable.getReader();
  for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) {
    await handler(value);
  }
}
