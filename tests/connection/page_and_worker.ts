/**
 * What a page and its dedicated worker do in the tests.
 *
 * @module
 */

/** Lengths of the messages that the page has echoed. */
export const LENGTHS = [0, 1, 100, 1_023, 1_024, 65_536, 65_537, 300_000, 1_048_576];

/** What the page saw over one scheme. */
interface SchemeReport {
  readonly traits: { readonly kind: string; readonly inMemory: boolean };
  readonly echoes: readonly { readonly length: number; readonly same: boolean }[];
  /** Who closed, and with which code, as each side was told. */
  readonly closed: { readonly page: readonly unknown[]; readonly worker: readonly unknown[] };
  /** What the worker said when it dialled the page. */
  readonly dialledByWorker: string;
  readonly backpressure: {
    /** Messages until `send` said that it was enough. */
    readonly accepted: number;
    /** Whether there was room before the worker took anything. */
    readonly drainedBefore: boolean;
    readonly taken: { readonly messages: number; readonly inOrder: boolean };
  };
  /** How a connection ended when the worker was terminated, and how soon. */
  readonly terminated: { readonly code: string; readonly ms: number };
  /** The error of a dial after that. */
  readonly dialledTooLate: string;
}

/** What the page reports. */
export interface WorkersReport {
  /** What went wrong, where nothing else is reported. */
  readonly failure?: string;
  readonly isolated: boolean;
  readonly port: SchemeReport;
  readonly shm: SchemeReport;
}

/** The module of the worker: echoes, but for connections that say "stall", which it takes from when told so. */
export const workerScript = `
import { connect, listen, registerPort } from "/hawser.js";

registerPort("page", self);
const server = await listen(["port://page", "shm://page"]);
const stalled = [];
server.onConnection((connection) => {
  connection.closed.then(({ by, code }) => postMessage({ closed: [by, code] }));
  if (connection.peer.metadata.stall !== undefined) return stalled.push(connection);
  connection.onMessage((message) => connection.send(message));
});

addEventListener("message", async ({ data }) => {
  if (data.take !== undefined) {
    const connection = stalled.pop();
    let inOrder = true;
    for (let at = 0; at < data.take; at++) {
      const message = await connection.receive({ timeoutMs: 5000 });
      inOrder &&= new DataView(message.buffer, message.byteOffset).getUint32(0) === at && message.length === 65536;
    }
    postMessage({ taken: { messages: data.take, inOrder } });
  } else if (data.dial !== undefined) {
    const connection = await connect(data.dial, { expect: data.expect });
    connection.send(new TextEncoder().encode("ahoy"));
    await connection.close();
  }
});
postMessage({ id: server.id });
`;

/** The module of the page. */
export const pageScript = `
import { connect, listen, registerPort } from "/hawser.js";

const hex = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).join();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function reportOf(scheme) {
  const worker = new Worker("/worker.js", { type: "module" });
  const said = (key) => new Promise((resolve) => {
    const onMessage = ({ data }) => {
      if (data[key] === undefined) return;
      worker.removeEventListener("message", onMessage);
      resolve(data[key]);
    };
    worker.addEventListener("message", onMessage);
  });
  const expect = await said("id");
  using registration = registerPort(scheme + "-worker", worker);
  const url = scheme + "://" + scheme + "-worker";
  const connection = await connect(url, { expect });
  const { kind, inMemory } = connection.traits;
  const echoes = await echoesOver(connection);
  const workerClosed = said("closed");
  const { by, code } = await connection.close();
  const closed = { page: [by, code], worker: await workerClosed };
  const dialledByWorker = await dialledBy(worker, url);
  const backpressure = await stall(await connect(url, { expect, metadata: { stall: "" } }), worker, said);
  const terminated = await terminate(await connect(url, { expect }), worker);
  const dialledTooLate = await connect(url, { expect, connectMsMax: 2000 }).catch(({ code }) => code);
  return { traits: { kind, inMemory }, echoes, closed, dialledByWorker, backpressure, terminated, dialledTooLate };
}

async function echoesOver(connection) {
  const echoes = [];
  for (const length of ${JSON.stringify(LENGTHS)}) {
    const message = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536) crypto.getRandomValues(message.subarray(at, at + 65536));
    if (!connection.send(message)) await connection.drained();
    const echo = await connection.receive({ timeoutMs: 5000 });
    echoes.push({ length: echo.length, same: await hex(message) === await hex(echo) });
  }
  return echoes;
}

async function dialledBy(worker, url) {
  await using server = await listen(url);
  const accepted = server.accept({ timeoutMs: 5000 });
  worker.postMessage({ dial: url.replace(/[a-z]+-worker/, "page"), expect: server.id });
  const connection = await accepted;
  const words = new TextDecoder().decode(await connection.receive({ timeoutMs: 5000 }));
  await connection.closed;
  return words;
}

async function stall(connection, worker, said) {
  let accepted = 0;
  let goesOn = true;
  while (goesOn && accepted < 1000) {
    const message = new Uint8Array(65536);
    new DataView(message.buffer).setUint32(0, accepted++);
    goesOn = connection.send(message);
    await pause(0);
  }
  let isDrained = false;
  const drained = connection.drained().then(() => isDrained = true);
  await pause(100);
  const drainedBefore = isDrained;
  const taken = said("taken");
  worker.postMessage({ take: accepted });
  await drained;
  const backpressure = { accepted, drainedBefore, taken: await taken };
  await connection.close();
  return backpressure;
}

async function terminate(connection, worker) {
  const from = performance.now();
  worker.terminate();
  const { error } = await connection.closed;
  return { code: error?.code, ms: performance.now() - from };
}

const report = await Promise.all(["port", "shm"].map(reportOf)).then(
  ([port, shm]) => ({ isolated: crossOriginIsolated, port, shm }),
  ({ stack, message }) => ({ failure: message + stack }),
);
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;
