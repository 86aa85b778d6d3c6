/**
 * `unix:///run/app.sock`: a stream link over a Unix socket, on Deno, Bun and Node; over a named pipe on Windows.
 *
 * What follows `unix://` is the absolute path of a file, percent-encoded, so that an address means the same in every
 * process. The file can be dialled by its owner alone (mode 0600), from its first moment on. A file that was left behind by a
 * listener which is gone is replaced; one that somebody listens behind, or that is no socket, is never touched. The
 * file goes with its listener. A path has 107 bytes at most on Linux and 103 on macOS, its folder ten less.
 *
 * On Windows `unix:///run/app.sock` is the pipe `\\.\pipe\run\app.sock`, whose rights are those that the runtime gives.
 * Sockets without a file (Linux's abstract ones) are not offered: anybody on the machine could dial them.
 *
 * The end that dialled has no address of its own, and is called `unix://`.
 *
 * @example
 * ```ts
 * import process from "node:process";
 * import { connect, listen } from "@hawser/hawser";
 *
 * await using server = await listen(`unix:///tmp/hawser-example-${process.pid}.sock`);
 * await using connection = await connect(server.urls);
 * console.log(connection.traits.kind); // stream
 * ```
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { Address, Link, ListenHandler, Listening, Transport } from "../../link.ts";
import { runtime } from "../runtime.ts";
import { dialFailure, listenFailure } from "./failure.ts";
import { socketPath } from "./path.ts";

/** What each runtime's file offers; both reject with what the runtime said. */
export interface UnixRuntime {
  /** Opens a link to the socket at `path`. */
  dial(path: string, address: Address, signal: AbortSignal | undefined): Promise<Link>;
  /** Binds `path`, and listens under the URL `url`. */
  listen(path: string, url: string, handler: ListenHandler): Promise<Listening>;
}

/** The transport of `unix://`. */
export const unix: Transport = {
  schemes: ["unix"],

  async dial(address, { signal }) {
    const { dial } = await adapter();
    signal?.throwIfAborted();
    const path = socketPath(address, platform());
    let link: Link;
    try {
      link = await dial(path, address, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      throw dialFailure(cause, address);
    }
    if (!signal?.aborted) return link;
    await link.close({ abort: true });
    throw signal.reason;
  },

  async listen(address, _options, handler) {
    const { listen } = await adapter();
    const path = socketPath(address, platform());
    const bind = (place: string, heard: ListenHandler) =>
      listen(place, address.href, heard).catch((cause) => {
        throw listenFailure(cause, address);
      });
    return isWindows() ? await bind(path, handler) : await listenInFile(path, address, handler, bind);
  },
};

async function listenInFile(
  path: string,
  address: Address,
  handler: ListenHandler,
  bind: (path: string, handler: ListenHandler) => Promise<Listening>,
): Promise<Listening> {
  const { SocketFile } = await import("./socket_file.ts");
  const file = await SocketFile.prepare(path, address);
  const heard: ListenHandler = {
    onLink: (link) => handler.onLink(link),
    onDatagram: (bytes, source) => handler.onDatagram(bytes, source),
    onClose: (error) => void file.remove().then(() => handler.onClose(error)),
  };
  let listening: Listening | undefined;
  try {
    listening = await bind(file.bindPath, heard);
    await file.publish();
  } catch (error) {
    await file.discard();
    await listening?.close();
    throw error;
  }
  const { url, close } = listening;
  return {
    url,
    // The name first: who finds it must find us.
    async close() {
      await file.remove();
      await close();
    },
  };
}

async function adapter(): Promise<UnixRuntime> {
  if (runtime === "browser" || runtime === "workerd") {
    const advice = "dial ws:// there, or run the program on Deno, Bun or Node";
    throw new HawserError("unsupported", `${runtime} has no Unix sockets for unix://; ${advice}`);
  }
  // Only `node:net` knows named pipes, on every runtime.
  if (isWindows() || runtime === "node") return await import("./node.ts");
  return runtime === "deno" ? await import("./deno.ts") : await import("./bun.ts");
}

function isWindows(): boolean {
  return platform() === "win32";
}

function platform(): string {
  return globalThis.process?.platform ?? "linux";
}
