/**
 * A transport of one's own: a conversation through the standard input and output of any command, such as `ssh`.
 *
 * ```sh
 * deno run -A examples/over_stdio.ts dial deno run -A examples/over_stdio.ts serve
 * deno run -A examples/over_stdio.ts dial ssh example.org deno run -A over_stdio.ts serve
 * ```
 *
 * The far end answers in capitals.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { connect, HawserError, type Link, type LinkHandler, listen, registerTransport } from "../mod.ts";

/** A stream link over any two streams of Node. */
function linkOver(readable: Readable, writable: Writable): Link {
  const gone = Promise.withResolvers<void>();
  return {
    traits: {
      kind: "stream",
      reliable: true,
      ordered: true,
      mtu: undefined,
      encrypted: false,
      nativeStreams: false,
    },
    localAddress: "stdio://here",
    remoteAddress: "stdio://there",
    start(handler: LinkHandler) {
      readable.on("data", (bytes: Uint8Array) => handler.onReceive(bytes));
      writable.on("drain", () => handler.onDrain()).on("error", () => readable.destroy());
      readable.on("error", () => {}).on("end", () => readable.destroy()).on("close", () => {
        gone.resolve();
        handler.onClose();
      });
    },
    send: (bytes) => writable.write(bytes),
    close() {
      writable.end(() => readable.destroy());
      return gone.promise;
    },
  };
}

const [role, command, ...args] = process.argv.slice(2);

registerTransport({
  schemes: ["stdio"],
  dial() {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    return new Promise((resolve, reject) => {
      child.once("spawn", () => resolve(linkOver(child.stdout, child.stdin)));
      child.once("error", (cause) => reject(new HawserError("io", `${command} does not start`, { cause })));
    });
  },
  listen(_address, _options, handler) {
    setTimeout(() => handler.onLink(linkOver(process.stdin, process.stdout)));
    return Promise.resolve({ url: "stdio://here", close: () => Promise.resolve() });
  },
});

if (role === "serve") {
  const server = await listen("stdio://");
  const connection = await server.accept();
  for await (const message of connection) {
    connection.send(new TextEncoder().encode(new TextDecoder().decode(message).toUpperCase()));
  }
} else {
  await using connection = await connect("stdio://", { trust: () => true });
  connection.send(new TextEncoder().encode("ahoy"));
  console.log(new TextDecoder().decode(await connection.receive({ timeoutMs: 10_000 })));
}
