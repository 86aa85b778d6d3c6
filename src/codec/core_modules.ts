/**
 * The two builds of the core that all runtimes share, and which of them an engine takes.
 *
 * @module
 */

import { base64Decode } from "./base64.ts";
import { CORE_BASE64 } from "./core_wasm.ts";
import { CORE_BASE64 as CORE_BASE64_RELAXED } from "./core_wasm_relaxed.ts";
import type { CoreModule } from "./wasm_core.ts";

/** The two builds. */
export type CoreBuild = "plain" | "relaxed";

const modules: Partial<Record<CoreBuild, CoreModule>> = {};

/** Which build this engine takes: relaxed SIMD if it knows it. */
export function preferredBuild(): CoreBuild {
  return modules.relaxed !== undefined || WebAssembly.validate(base64Decode(CORE_BASE64_RELAXED))
    ? "relaxed"
    : "plain";
}

/** A build, compiled once, synchronously. */
export function coreModule(build: CoreBuild): CoreModule {
  return modules[build] ??= {
    build,
    module: new WebAssembly.Module(base64Decode(build === "relaxed" ? CORE_BASE64_RELAXED : CORE_BASE64)),
  };
}
