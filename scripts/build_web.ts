/**
 * Writes the bundle for browsers to dist/web/hawser.js, and says what it weighs.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { bundleForWeb } from "./web_bundle.ts";

const FOLDER = new URL("../dist/web/", import.meta.url);

const { code, gzipBytes, parts } = await bundleForWeb();
await mkdir(FOLDER, { recursive: true });
await writeFile(new URL("hawser.js", FOLDER), code);
console.log(`dist/web/hawser.js: ${code.length} characters, ${gzipBytes} bytes in gzip. Before gzip:`);
for (const [part, bytes] of parts) console.log(`${String(bytes).padStart(7)}  ${part}`);
