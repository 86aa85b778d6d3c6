/**
 * A web page that talks to a listener, and to a worker of its own: serves all, and sends back what the page says.
 *
 * ```sh
 * deno run -A --unstable-net examples/page/serve.ts    # then open what it prints in a browser
 * ```
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { listen } from "../../mod.ts";

const page = await readFile(new URL("index.html", import.meta.url));
const code = await bundle("../../web_workers.ts");
const worker = await bundle("worker.ts");
let address = "";

const pages = createServer(({ url }, response) => {
  if (url === "/address") return void response.end(address);
  // Pages share memory with their workers only if they are isolated from pages of others.
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-embedder-policy", "require-corp");
  response.setHeader("content-type", url?.endsWith(".js") ? "text/javascript" : "text/html");
  response.end(url === "/hawser.js" ? code : url === "/worker.js" ? worker : page);
});
await new Promise<void>((resolve) => pages.listen(Number(process.env.PORT ?? 0), "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;

const server = await listen("ws://127.0.0.1:0", { origins: [origin] });
address = server.urls[0];
console.log(origin);
for await (const connection of server) {
  connection.onMessage((message) => {
    console.log(`the page said: ${new TextDecoder().decode(message)}`);
    connection.send(message);
  });
}

async function bundle(path: string): Promise<string> {
  const entryPoints = [fileURLToPath(new URL(path, import.meta.url))];
  const { outputFiles: [file] } = await build({ entryPoints, bundle: true, format: "esm", write: false });
  return file.text;
}
