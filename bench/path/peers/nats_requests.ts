/**
 * Requests of NATS over TCP, which is all that its client for Node speaks, through a nats-server that this process
 * starts and that ends with it.
 *
 * @module
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { connect } from "@nats-io/transport-node";
import { answer, type Questions } from "../requests.ts";

const SUBJECT = "ask";
// The server ends when the process that reads from here does, however that ends.
const SCRIPT = `nats-server -a 127.0.0.1 -p -1 & cat > /dev/null; kill $!`;
// Where Debian puts it.
const PATH = `${process.env.PATH}:/usr/sbin`;

/** A subscriber that responds. */
export const questions: Questions = {
  async serve() {
    const address = await startServer();
    const connection = await connect({ servers: address });
    connection.subscribe(SUBJECT, {
      callback: (_error, message) => void message.respond(JSON.stringify(answer(message.json()))),
    });
    await connection.flush();
    return address;
  },
  async dial(address) {
    const connection = await connect({ servers: address });
    return async (question) => (await connection.request(SUBJECT, JSON.stringify(question))).json();
  },
};

async function startServer(): Promise<string> {
  const server = spawn("sh", ["-c", SCRIPT], {
    env: { ...process.env, PATH },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let last = "";
  for await (const line of createInterface({ input: server.stderr })) {
    const [, address] = /Listening for client connections on (\S+)/.exec(line) ?? [];
    if (address !== undefined) return address;
    last = line;
    if (line.includes("not found")) break;
  }
  server.stdin.end();
  throw new Error(`no nats-server (the name of Debian's package, too) runs here: ${last}`);
}
