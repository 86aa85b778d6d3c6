/**
 * The file behind which a Unix socket listens: private from its first moment, taken by one listener, and gone with it.
 *
 * A socket is bound inside a folder which only its owner may enter, gets its mode there, and only then its name, as a
 * second link to the same file: so nobody ever sees it with wider rights, and of two listeners one gets the name. A
 * `umask` would do the first as well, but is shared by the whole process and not to be had in workers.
 *
 * @module
 */

import { chmod, link, lstat, mkdtemp, rename, rmdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { HawserError } from "../../errors.ts";
import { UNIX_CLAIMS_MAX } from "../../limits.ts";
import type { Address } from "../../link.ts";
import { has, listenFailure } from "./failure.ts";
import { folderOf } from "./path.ts";

/** One file, as long as it is the same. */
interface FileId {
  readonly dev: number;
  readonly ino: number;
}

/** The file of one listener. */
export class SocketFile {
  /** Where the socket must be bound. */
  readonly bindPath: string;
  readonly #path: string;
  readonly #folder: string;
  readonly #address: Address;
  #id: FileId | undefined;

  private constructor(path: string, folder: string, address: Address) {
    this.#path = path;
    this.#folder = folder;
    this.#address = address;
    this.bindPath = `${folder}/s`;
  }

  /** Makes the private folder beside `path`. */
  static async prepare(path: string, address: Address): Promise<SocketFile> {
    try {
      return new SocketFile(path, await mkdtemp(`${folderOf(path)}/.`), address);
    } catch (cause) {
      throw listenFailure(cause, address);
    }
  }

  /**
   * Gives the bound socket its mode and its name.
   * @throws {HawserError} `address-in-use` if somebody listens there, or a file is there that is no socket
   */
  async publish(): Promise<void> {
    try {
      await chmod(this.bindPath, 0o600);
      const { dev, ino } = await lstat(this.bindPath);
      await this.#claim();
      this.#id = { dev, ino };
    } catch (cause) {
      throw cause instanceof HawserError ? cause : listenFailure(cause, this.#address);
    } finally {
      await this.discard();
    }
  }

  /** Takes the name away, if it still is that of our socket. Never throws; safe to call twice. */
  async remove(): Promise<void> {
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined && await isFile(this.#path, id)) await unlink(this.#path).catch(() => {});
  }

  /** Removes the private folder. Never throws; safe to call twice. */
  async discard(): Promise<void> {
    await unlink(this.bindPath).catch(() => {});
    await rmdir(this.#folder).catch(() => {});
  }

  async #claim(): Promise<void> {
    for (let claims = 0; claims < UNIX_CLAIMS_MAX; claims++) {
      try {
        return await link(this.bindPath, this.#path);
      } catch (cause) {
        if (!has(cause, "EEXIST", "AlreadyExists")) throw cause;
      }
      await this.#clear();
    }
    throw this.#inUse("others take it all the time");
  }

  /** Removes what has our name, if it is a socket that nobody listens behind. */
  async #clear(): Promise<void> {
    const found = await lstat(this.#path).catch(() => undefined);
    if (found === undefined) return; // Gone meanwhile.
    if (!found.isSocket()) throw this.#inUse("a file is there that is no socket, and stays");
    if (!await isStale(this.#path)) throw this.#inUse("another listener has it");
    // Between the look and this, the name may have gone to a listener that lives: it gets it back.
    const aside = `${this.#folder}/stale`;
    await rename(this.#path, aside).catch((cause) => {
      if (!has(cause, "ENOENT")) throw cause;
    });
    const isTheOne = await isFile(aside, found);
    if (!isTheOne) await link(aside, this.#path).catch(() => {});
    await unlink(aside).catch(() => {});
  }

  #inUse(what: string): HawserError {
    const message = `cannot listen on ${this.#address.href}: ${what}; choose another path`;
    return new HawserError("address-in-use", message);
  }
}

async function isFile(path: string, { dev, ino }: FileId): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.dev === dev && found.ino === ino;
}

/** Whether nobody listens. Whatever the system says but that is somebody else's business. */
function isStale(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (cause) => resolve(has(cause, "ECONNREFUSED", "ENOENT")));
  });
}
