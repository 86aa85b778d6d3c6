/**
 * Small text files that only their owner may read.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

const OTHERS = 0o077;

/**
 * Writes a new file that only its owner may read (mode 0600).
 * @throws {HawserError} `io` if it exists or cannot be written, `unsupported` where there are no files.
 */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const { writeFile } = await files();
  try {
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new HawserError("io", `${path} cannot be written as a new file: ${cause}`, {
      cause,
      retryable: false,
    });
  }
}

/**
 * Adds to the end of a file that only its owner may read (mode 0600), in one piece; makes it if there is none.
 * @throws {HawserError} `io` if it cannot be written, `unsupported` where there are no files.
 */
export async function appendPrivateFile(path: string, text: string): Promise<void> {
  const { appendFile } = await files();
  try {
    await appendFile(path, text, { mode: 0o600 });
  } catch (cause) {
    throw new HawserError("io", `${path} cannot be written: ${cause}`, { cause, retryable: false });
  }
}

/**
 * Reads a file that only its owner may read; one that is not there is `missing`, if that is given.
 * @throws {HawserError} `io` if it cannot be read, `not-authorised` if others may read it too, `unsupported` where
 * there are no files.
 */
export async function readPrivateFile(path: string, missing?: string): Promise<string> {
  const { open } = await files();
  const handle = await open(path, "r").catch((cause) => {
    if (missing !== undefined && cause.code === "ENOENT") return undefined;
    throw new HawserError("io", `${path} cannot be read: ${cause}`, { cause, retryable: false });
  });
  if (handle === undefined) return missing!;
  try {
    const { mode } = await handle.stat();
    // Windows has no such bits, and reports all of them.
    if (globalThis.process?.platform !== "win32" && (mode & OTHERS) !== 0) {
      throw new HawserError(
        "not-authorised",
        `others may read ${path}: run "chmod 600" on it, or make a new one`,
      );
    }
    return await handle.readFile("utf-8");
  } finally {
    await handle.close();
  }
}

async function files(): Promise<typeof import("node:fs/promises")> {
  try {
    return await import("node:fs/promises");
  } catch (cause) {
    throw new HawserError("unsupported", "this runtime has no files: keep the text elsewhere", { cause });
  }
}
