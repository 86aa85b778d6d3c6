// What is kept through a sleep is the newest snapshot or none, at every moment: else a nonce would seal twice. The
// sockets here are of memory and note the order of all that is done to them; workerd's own are in hibernation_test.ts.

import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { pickCodec } from "../../src/codec/pick.ts";
import { Connection } from "../../src/connection/connection.ts";
import {
  HibernatingObject,
  type HibernationSocket,
  type HibernationState,
} from "../../src/connection/hibernating_object.ts";
import { createIdentity } from "../../src/connection/identity.ts";
import { sessionConfig } from "../../src/connection/options.ts";
import type { HawserError } from "../../src/errors.ts";
import type { Link, LinkHandler } from "../../src/link.ts";
import { FRAME_COST_BYTES, type SessionLimits } from "../../src/limits.ts";
import { SUBPROTOCOL } from "../../src/transports/ws/upgrade.ts";
import { Random } from "../simulation/random.ts";

const ATTACHMENT_BYTES_MAX = 16_384; // As in workerd.
const identity = createIdentity();

/** Lets microtasks run, and timers and sockets. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** The object's end of a WebSocket, which outlives the object. */
class Socket implements HibernationSocket {
  binaryType = "";
  /** What it has kept, as bytes would: a copy. */
  attachment: unknown = null;
  readonly client: ClientLink = new ClientLink(this);
  /** Messages of the client that have not reached the object. */
  readonly arrivals: ArrayBuffer[] = [];
  sends = 0;
  closed: { code?: number; reason?: string } | undefined;
  tags: string[] = [];

  send(message: Uint8Array): void {
    assertEquals(this.attachment, null, "a packet leaves while an older snapshot is kept");
    this.sends++;
    this.client.arrive(new Uint8Array(message));
  }

  close(code?: number, reason?: string): void {
    if (this.closed !== undefined) return;
    this.closed = { code, reason };
    this.client.end(code ?? 1005);
  }

  serializeAttachment(value: unknown): void {
    const copy = structuredClone(value);
    if (sizeOf(copy) > ATTACHMENT_BYTES_MAX) throw new TypeError("the attachment is too large");
    this.attachment = copy;
  }

  deserializeAttachment(): unknown {
    return structuredClone(this.attachment);
  }
}

/** The client's end. */
class ClientLink implements Link {
  readonly traits = {
    kind: "message",
    reliable: true,
    ordered: true,
    mtu: 2 ** 24,
    encrypted: false,
    nativeStreams: false,
  } as const;
  readonly localAddress = "ws://client";
  readonly remoteAddress = "ws://object";
  readonly #socket: Socket;
  #handler: LinkHandler | undefined;
  #isOver = false;
  code: number | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
  }

  send(bytes: Uint8Array): boolean {
    if (!this.#isOver) this.#socket.arrivals.push(new Uint8Array(bytes).buffer);
    return true;
  }

  arrive(bytes: Uint8Array): void {
    queueMicrotask(() => this.#isOver || this.#handler?.onReceive(bytes));
  }

  close(): Promise<void> {
    this.end(1000);
    return Promise.resolve();
  }

  end(code: number): void {
    if (this.#isOver) return;
    this.code = code;
    queueMicrotask(() => {
      this.#isOver = true;
      this.#handler?.onClose();
    });
  }
}

/** The place where objects live and die, while their sockets stay. */
class Place implements HibernationState {
  readonly sockets: Socket[] = [];
  object!: HibernatingObject;
  /** What the object is, whenever it wakes. */
  readonly #make: (place: Place) => HibernatingObject;
  busy: Promise<unknown> = Promise.resolve();

  constructor(make: (place: Place) => HibernatingObject) {
    this.#make = make;
  }

  acceptWebSocket(socket: HibernationSocket, tags: string[] = []): void {
    const accepted = socket as Socket;
    accepted.tags = tags;
    this.sockets.push(accepted);
  }

  getWebSockets(tag?: string): HibernationSocket[] {
    return this.sockets.filter(({ tags, closed }) => closed === undefined && (!tag || tags.includes(tag)));
  }

  getTags(socket: HibernationSocket): string[] {
    return (socket as Socket).tags;
  }

  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T> {
    const done = callback();
    this.busy = done;
    return done;
  }

  async wake(): Promise<void> {
    this.object = this.#make(this);
    await this.busy;
  }

  /** A client dials. */
  async connect(limits: Partial<SessionLimits> = {}): Promise<Connection> {
    const { WebSocketPair, Response } = globalThis as unknown as Record<string, typeof globalThis.Response>;
    const socket = new Socket();
    Object.assign(globalThis, {
      WebSocketPair: class {
        0 = {};
        1 = socket;
      },
      // Elsewhere than in workerd no answer may have the status 101.
      Response: class extends Response {
        constructor(body: BodyInit | null, init: ResponseInit) {
          super(body, { ...init, status: init.status === 101 ? 200 : init.status });
        }
      },
    });
    const headers = { upgrade: "websocket", "sec-websocket-protocol": SUBPROTOCOL };
    const answer = this.object.fetch(new Request("http://object/", { headers }));
    await answer.finally(() => Object.assign(globalThis, { WebSocketPair, Response }));
    const config = sessionConfig(
      { limits: { keepaliveMs: Infinity, ...limits } },
      "initiator",
      pickCodec(),
      { patterns: ["XX"] },
    );
    const client = new Connection({ link: socket.client, config, decide: () => true });
    const opened = client.start();
    while (client.stats().handshakeMs === undefined) await this.deliver();
    await opened;
    return client;
  }

  /** Hands what has arrived to the object, and lets it finish. */
  async deliver(): Promise<void> {
    await turn();
    for (const socket of this.sockets) {
      for (const data of socket.arrivals.splice(0)) this.object.webSocketMessage(socket, data);
    }
    await turn();
    await turn();
  }
}

function sizeOf(value: unknown): number {
  const text = JSON.stringify(
    value,
    (_key, part) => part instanceof Uint8Array ? "x".repeat(part.length) : part,
  );
  return text?.length ?? 0;
}

/** An object that repeats what it hears to all, and throws when it hears a single 13. */
function room(limits: Partial<SessionLimits> = {}): Place {
  return new Place((place) => {
    const object = new HibernatingObject(place, { identity, limits });
    const { server } = object.endpoint;
    server.onConnection((connection) =>
      connection.onMessage((message) => {
        for (const other of server.connections) other.send(message);
        if (message.length === 1 && message[0] === 13) throw new Error("thirteen");
      })
    );
    return object;
  });
}

/** Where each session of the object stands, and what its socket has kept. */
function assertNewestOrNone(place: Place): number {
  let kept = 0;
  const snapshots = place.object.endpoint.server.connections.map((connection) => connection.freeze());
  for (const { attachment, closed } of place.sockets) {
    if (attachment === null) continue;
    assertEquals(closed, undefined, "a closed socket has kept keys");
    const { snapshot } = attachment as { snapshot: { send: { key: Uint8Array } } };
    const newest = snapshots.find((each) => String(each?.send.key) === String(snapshot.send.key));
    assertEquals(snapshot, structuredClone(newest) as unknown);
    kept++;
  }
  return kept;
}

test("what is kept is the newest snapshot or none, and sessions go on after any sleep", async () => {
  let slept = 0;
  for (let seed = 0; seed < 6; seed++) {
    const random = new Random(seed);
    const place = room({ rekeyPacketsMax: 5 });
    await place.wake();
    const clients: Connection[] = [];
    for (let i = 0; i < 3; i++) clients.push(await place.connect({ rekeyPacketsMax: 3 }));
    const heard = clients.map(() => [] as string[]);
    clients.forEach((client, i) => client.onMessage((message) => heard[i].push(digest(message))));
    let said = 0;
    for (let step = 0; step < 40; step++) {
      const client = clients[random.between(0, clients.length - 1)];
      for (let i = random.between(0, 3); i > 0; i--) {
        client.send(random.bytes(random.chance(0.1) ? 200_000 : random.between(2, 300)));
        said++;
      }
      if (random.chance(0.2)) void client.ping();
      await place.deliver();
      const kept = assertNewestOrNone(place);
      if (kept === clients.length && random.chance(0.5)) {
        await place.wake(); // Whatever has arrived meanwhile wakes it.
        slept++;
        assertEquals(place.object.endpoint.server.connections.length, clients.length);
      }
    }
    for (let i = 0; i < 100 && heard.some(({ length }) => length < said); i++) await place.deliver();
    for (const each of heard) assertEquals(each, heard[0]);
    assertEquals(heard[0].length, said);
    assertEquals(assertNewestOrNone(place), clients.length);
    for (const client of clients) await client.abort();
    await place.object.endpoint.server.close({ timeoutMs: 1 });
  }
  assert(slept > 50, `slept ${slept} times`);
});

test("one that closes, breaks or is thrown out keeps nothing, and the others their newest", async () => {
  const place = room();
  await place.wake();
  const [one, two, three, four] = [
    await place.connect(),
    await place.connect(),
    await place.connect(),
    await place.connect(),
  ];
  assertEquals(assertNewestOrNone(place), 4);
  one.send(Uint8Array.of(13)); // All hear it; then its handler throws.
  await place.deliver();
  assertEquals(await four.receive(), Uint8Array.of(13));
  assertEquals([assertNewestOrNone(place), (await one.closed).by], [3, "peer"]);

  const closed = two.close({ code: 300 });
  await place.deliver();
  assertEquals((await closed).by, "local");
  assertEquals(assertNewestOrNone(place), 2);

  place.object.webSocketError(place.sockets[2], new Error("the network is gone"));
  await place.deliver();
  assertEquals(assertNewestOrNone(place), 1);
  await three.abort();

  await place.wake();
  four.send(Uint8Array.of(4));
  await place.deliver();
  assertEquals(await four.receive(), Uint8Array.of(4));
  const end = place.object.endpoint.close();
  await place.deliver();
  await end;
  assertEquals([assertNewestOrNone(place), (await four.closed).by], [0, "peer"]);
});

test("nothing is kept while anything waits, and its peer is told to dial again after a sleep", async () => {
  const place = room();
  await place.wake();
  // It takes nothing, so no more than 140,000 can leave: an eighth is kept for other than raw messages.
  const stuck = await place.connect({ windowBytes: 160_000 });
  const other = await place.connect();
  other.onMessage(() => {});
  const frame = FRAME_COST_BYTES;
  for (const bytes of [60_000 - frame, 60_000 - frame, 20_000 - frame]) {
    other.send(new Uint8Array(bytes));
    await place.deliver();
  }
  const [socket] = place.sockets;
  const { sends } = socket;
  assertEquals(assertNewestOrNone(place), 2); // All has left.
  other.send(new Uint8Array(1));
  await place.deliver();
  assertEquals([assertNewestOrNone(place), socket.attachment, socket.sends], [1, null, sends]);

  await place.wake();
  assertEquals(place.object.endpoint.server.connections.length, 1);
  assertEquals(socket.client.code, 3012);
  const { error } = await stuck.closed;
  assertEquals((error as HawserError).retryable, true);
});

test("what is too large to be kept is not, and what a stranger attached is no session", async () => {
  const place = room();
  await place.wake();
  const client = await place.connect();
  const [socket] = place.sockets;
  const keep = socket.serializeAttachment;
  socket.serializeAttachment = function (value) {
    if (value !== null) throw new TypeError("too large");
    keep.call(this, value);
  };
  client.send(Uint8Array.of(1));
  await place.deliver();
  assertEquals([await client.receive(), socket.attachment], [Uint8Array.of(1), null]);

  for (const strange of [1, "x", {}, { localAddress: "", remoteAddress: "", snapshot: { send: 1 } }]) {
    const elsewhere = room();
    elsewhere.acceptWebSocket(Object.assign(new Socket(), { attachment: strange }), ["hawser"]);
    await elsewhere.wake();
    assertEquals([elsewhere.sockets[0].closed?.code, elsewhere.sockets[0].attachment], [3012, null]);
  }
  const own = room();
  own.acceptWebSocket(Object.assign(new Socket(), { attachment: 1 }), ["the application's own"]);
  await own.wake();
  own.object.webSocketMessage(own.sockets[0], "hello");
  assertEquals([own.sockets[0].closed, own.sockets[0].attachment], [undefined, 1]);
});

test("an idle object has no timer", async () => {
  const place = room();
  await place.wake();
  await place.connect();
  const { setTimeout } = globalThis;
  let armed = 0;
  globalThis.setTimeout = ((callback: () => void, ms: number) => {
    if (ms > 0) armed++;
    return setTimeout(callback, ms);
  }) as typeof setTimeout;
  try {
    await place.wake();
    await place.deliver();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEquals([armed, place.object.endpoint.server.connections.length], [0, 1]);
});

function digest(message: Uint8Array): string {
  return `${message.length}:${message.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7)}`;
}
