/**
 * Chooses the codec: WebAssembly where it can be compiled, else the reference.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import type { Codec } from "./codec.ts";
import { ReferenceCodec } from "./reference.ts";
import { WasmCodec } from "./wasm.ts";

let picked: Codec | undefined;

/**
 * The codec that all sessions share: the WebAssembly core, or the reference where this engine
 * cannot compile it. `codec.choice` says which one it is, and why.
 *
 * The first call compiles. Runtimes that compile only while a module loads (workerd) need that call at
 * the top level of a module.
 */
export function pickCodec(): Codec {
  return picked ??= pick();
}

/** The same choice with memory of its own: all that it holds goes when nobody has it any more, disposed of or not. */
export function pickSeparateCodec(): Codec {
  return pick();
}

function pick(): Codec {
  try {
    return new WasmCodec();
  } catch (error) {
    return new ReferenceCodec(
      `WebAssembly cannot be used here: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/**
 * Makes a codec of a given kind, with memory of its own.
 *
 * @throws {HawserError} `unsupported` where the WebAssembly core cannot be compiled.
 *
 * @example
 * ```ts
 * import { createCodec } from "@hawser/hawser/codec";
 *
 * const { choice } = createCodec({ kind: "reference" });
 * console.log(choice); // reference: as asked
 * ```
 */
export function createCodec(options: { readonly kind: "wasm" | "reference" }): Codec {
  if (options.kind === "reference") return detachable(new ReferenceCodec("as asked"));
  if (options.kind !== "wasm") throw new TypeError(`kind must be "wasm" or "reference", not ${options.kind}`);
  try {
    return detachable(new WasmCodec());
  } catch (cause) {
    throw new HawserError(
      "unsupported",
      'the WebAssembly core cannot be compiled here; use createCodec({ kind: "reference" })',
      { cause },
    );
  }
}

// Its functions work when they are taken off it: `const { xchacha20poly1305 } = createCodec(...)`.
function detachable(codec: Codec): Codec {
  codec.chacha20poly1305 = codec.chacha20poly1305.bind(codec);
  codec.xchacha20poly1305 = codec.xchacha20poly1305.bind(codec);
  codec.lz4CompressBlock = codec.lz4CompressBlock.bind(codec);
  codec.lz4DecompressBlock = codec.lz4DecompressBlock.bind(codec);
  codec.lz4CompressFrame = codec.lz4CompressFrame.bind(codec);
  codec.lz4DecompressFrame = codec.lz4DecompressFrame.bind(codec);
  return codec;
}
