// Who may cost a datagram listener something before it is a connection: THREATS rows 15 and 16, over real sockets.

import { createSocket, type Socket } from "node:dgram";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { connect, type Connection, listen } from "../../mod.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { SESSION_LIMITS } from "../../src/limits.ts";
import { randomBytes } from "../../src/random.ts";
import { createKeyPair, Session } from "../../src/session/mod.ts";

function portOf(url: string): number {
  return Number(new URL(url.replace(/^[a-z]+:/, "http:")).port);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A datagram socket that sends INITs and follows cookies, but never says CONFIRM. */
class Knocker {
  readonly #socket: Socket = createSocket("udp4");
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async bind(): Promise<this> {
    await new Promise<void>((resolve) => this.#socket.bind(0, "127.0.0.1", resolve));
    return this;
  }

  /** Knocks with one handshake; resolves with its INIT when the answer is no cookie, or when none comes. */
  async knock(session: Session = initiator()): Promise<Uint8Array> {
    let init = next(session);
    for (let cookies = 0; cookies < 3; cookies++) {
      const answer = await this.send(init);
      if (answer === undefined) break;
      session.handleReceive(answer, 0);
      if (session.packetBytesMax === 0) break; // A RESPONSE: it waits for somebody to accept the peer.
      init = next(session);
    }
    return init;
  }

  /** Sends one packet; the answer, or `undefined` if there is none soon. */
  async send(packet: Uint8Array): Promise<Uint8Array | undefined> {
    const answer = new Promise<Uint8Array>((resolve) => this.#socket.once("message", resolve));
    this.#socket.send(packet, this.#port, "127.0.0.1");
    return await Promise.race([answer, sleep(300).then(() => undefined)]);
  }

  close(): void {
    this.#socket.close();
  }
}

function initiator(): Session {
  return new Session({
    role: "initiator",
    traits: { kind: "datagram", mtu: 1_472 },
    codec: pickCodec(),
    staticKey: createKeyPair(randomBytes(32)),
    random: randomBytes,
    metadata: {},
    compression: [],
    plain: false,
    terms: { patterns: ["XX"] },
    limits: SESSION_LIMITS,
  }, 0);
}

function next(session: Session): Uint8Array {
  const packet = new Uint8Array(session.packetBytesMax);
  return packet.subarray(0, session.transmit(packet, 0, 0));
}

test("UDP: handshakes that are pushed out are ended, and the honest still get in", async () => {
  await using server = await listen("udp://127.0.0.1:0", { handshakesMax: 4 });
  const knocker = await new Knocker(portOf(server.urls[0])).bind();
  for (let count = 0; count < 12; count++) await knocker.knock();
  const { handshakes, failed } = server.stats();
  knocker.close();
  assert(handshakes <= 5, `${handshakes} handshakes under way where 4 may be`);
  assert(failed >= 7, `only ${failed} of 12 were ended`);
  await using connection = await connect(server.urls);
  assertEquals(connection.peer.id, server.id);
});

test("UDP: connections that are open hold no place among the half-open", async () => {
  await using server = await listen("udp://127.0.0.1:0", { handshakesMax: 2 });
  const connections: Connection[] = [];
  for (let count = 0; count < 10; count++) connections.push(await connect(server.urls));
  await sleep(50);
  assertEquals(server.stats().connections, 10);
  for (const connection of connections) await connection.close();
});

test("UDP: an INIT is answered again once its handshake is forgotten, and makes no connection", async () => {
  await using server = await listen("udp://127.0.0.1:0", { limits: { handshakeMsMax: 200 } });
  const knocker = await new Knocker(portOf(server.urls[0])).bind();
  const init = await knocker.knock();
  assertEquals(server.stats().handshakes, 1);
  const repeated = await knocker.send(init);
  assert(repeated !== undefined, "a repeated INIT was not answered");
  await sleep(400);
  assertEquals([server.stats().handshakes, server.stats().failed], [0, 1]);
  assert(await knocker.send(init) !== undefined, "the server still holds a handshake that is over");
  knocker.close();
  assertEquals(server.stats().accepted, 0);
});
