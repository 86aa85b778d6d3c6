/**
 * The small build of the core, for those who have to load it over a network.
 *
 * @module
 */

import { HawserError } from "../errors.ts";
import { base64Decode } from "./base64.ts";
import { CORE_BASE64 } from "./core_wasm_small.ts";
import type { CoreModule } from "./wasm_core.ts";

/**
 * Inflates and compiles the small build, which has what packets need: for a `WasmPacketCodec`.
 *
 * @throws {HawserError} `unsupported` where WebAssembly with SIMD cannot be compiled
 */
export async function loadSmallCore(): Promise<CoreModule> {
  const deflated = new Blob([base64Decode(CORE_BASE64)]).stream();
  const inflated = new Response(deflated.pipeThrough(new DecompressionStream("deflate-raw")));
  try {
    return { build: "small", module: await WebAssembly.compile(await inflated.arrayBuffer()) };
  } catch (cause) {
    throw new HawserError(
      "unsupported",
      "WebAssembly with SIMD cannot be compiled here; a page's content security policy must allow 'wasm-unsafe-eval'",
      { cause },
    );
  }
}
