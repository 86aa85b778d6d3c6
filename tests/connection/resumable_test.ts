import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { connect, createIdentity, HawserError, type Identity, listen, type Server } from "../../mod.ts";
import { pickCodec } from "../../src/codec/pick.ts";
import { findLinkBy } from "../../src/connection/find_link.ts";
import { sessionConfig } from "../../src/connection/options.ts";
import { initiatorTerms } from "../../src/connection/terms.ts";
import { parseAddress } from "../../src/transports/address.ts";
import { tcp } from "../../src/transports/tcp/mod.ts";

/** Claims a session with its token, as somebody. */
async function claim(server: Server, token: Uint8Array, identity: Identity, received = 0): Promise<void> {
  const find = findLinkBy({
    addresses: [parseAddress(server.urls[0])],
    options: { attemptsMax: 1, pauseMsMin: 1 },
    dial: (address, signal) => tcp.dial(address, { signal }),
    config: async () =>
      sessionConfig(
        { identity, resume: true },
        "initiator",
        await pickCodec(),
        initiatorTerms({}, new Set()),
      ),
  });
  const target = { peerId: server.id, resumeOver: () => {} };
  await find(target, () => ({ token, received }), new AbortController().signal);
}

async function refused(claimed: Promise<void>): Promise<void> {
  assertEquals((await assertRejects(() => claimed, HawserError)).code, "session-lost");
}

test("resume: a stolen token is worth nothing to another peer, elsewhere, changed, or after the end", async () => {
  const identity = createIdentity();
  await using server = await listen("tcp://127.0.0.1:0");
  await using elsewhere = await listen("tcp://127.0.0.1:0");
  const accepted = server.accept();
  const near = await connect(server.urls[0], { identity, resume: { attemptsMax: 1, pauseMsMin: 1 } });
  const far = await accepted;
  const token = near.tokens[0].slice();

  await refused(claim(server, token, createIdentity()));
  await refused(claim(elsewhere, token, identity));
  await refused(claim(server, token.map((byte, index) => index === 31 ? byte ^ 1 : byte), identity));
  assertEquals([near.isClosed, far.isClosed, server.stats().resumed], [false, false, 0]);

  await near.abort();
  await refused(claim(server, token, identity));
  await far.closed;
});

test("resume: an address that led to the peer before is tried again, whatever is wrong with it now", async () => {
  for (const [code, count] of [["websocket", 3], ["invalid-address", 3], ["unsupported", 1]] as const) {
    let dials = 0;
    const find = findLinkBy({
      addresses: [parseAddress("ws://127.0.0.1:9")],
      options: { attemptsMax: 3, pauseMsMin: 1, pauseMsMax: 1 },
      dial: () => Promise.reject(new HawserError(code, `dial ${++dials}`)),
      config: async () =>
        sessionConfig({ resume: true }, "initiator", await pickCodec(), initiatorTerms({}, new Set())),
    });
    const target = { peerId: "", resumeOver: () => {} };
    const claim = () => ({ token: new Uint8Array(32), received: 0 });
    const error = await assertRejects(() => find(target, claim, new AbortController().signal), HawserError);
    assertEquals([error.code, dials], [code, count]);
  }
});
