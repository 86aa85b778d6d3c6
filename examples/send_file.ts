/**
 * Sends files over streams, several at once, and says how far it is.
 *
 * ```sh
 * deno run -A --unstable-net examples/send_file.ts receive FOLDER tcp://127.0.0.1:7000
 * bun examples/send_file.ts send 'tcp://127.0.0.1:7000#<peer id>' FILE...
 * ```
 *
 * @module
 */

import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connect, type Connection, listen, type Stream } from "../mod.ts";

const [role, first, ...rest] = process.argv.slice(2);
if (role === "receive") await receive(first, rest);
else {
  await using connection = await connect(first);
  await Promise.all(rest.map((path) => send(connection, path)));
}

async function receive(folder: string, addresses: string[]): Promise<void> {
  await using server = await listen(addresses);
  for (const url of server.urls) console.log(url);
  for await (const connection of server) connection.onStream((stream) => store(stream, folder));
}

async function store(stream: Stream, folder: string): Promise<void> {
  // The name is the sender's: only its last part counts, so that it stays in the folder.
  const file = createWriteStream(join(folder, basename(stream.name)));
  await pipeline(stream.readable, file);
  // The other direction says that all is stored.
  const answer = stream.writable.getWriter();
  await answer.write(new TextEncoder().encode(`${file.bytesWritten}`));
  await answer.close();
}

async function send(connection: Connection, path: string): Promise<void> {
  const { size } = await stat(path);
  const name = basename(path);
  const stream = await connection.openStream(name);
  let [sent, told] = [0, 0];
  const progress = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      const percent = Math.floor(100 * (sent += chunk.length) / size);
      if (percent >= told + 10 || sent === size) console.log(`${name}: ${told = percent} %`);
    },
  });
  const file = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  await file.pipeThrough(progress).pipeTo(stream.writable);
  console.log(`${name}: ${await new Response(stream.readable).text()} bytes are stored`);
}
