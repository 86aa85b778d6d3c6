/**
 * The control of `mem://`: a MessageChannel, which every runtime has. It copies each message, and delivers it in a
 * turn of the event loop.
 *
 * @module
 */

import type { Network, Pipe } from "../pipe.ts";

const listeners: Map<string, (pipe: Pipe) => void> = new Map();

/** Pairs of message ports within one process. */
export const channel: Network = {
  serve(onPipe) {
    const address = `channel-${listeners.size}`;
    listeners.set(address, onPipe);
    return Promise.resolve(address);
  },
  dial(address) {
    const { port1, port2 } = new MessageChannel();
    listeners.get(address)!(pipeOf(port2));
    return Promise.resolve(pipeOf(port1));
  },
};

function pipeOf(port: MessagePort): Pipe {
  return {
    // A view is cloned with the whole of its buffer, so it needs a buffer of its own.
    send: (bytes) => port.postMessage(bytes.slice()),
    receive(handler) {
      port.onmessage = (event) => void handler(event.data);
    },
  };
}
