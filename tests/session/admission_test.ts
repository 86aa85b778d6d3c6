// The gate of a datagram listener against forged addresses and floods (THREATS 14-16).

import { test } from "node:test";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ADMISSION_LIMITS, AMPLIFICATION_MAX } from "../../src/limits.ts";
import { Admission, type AdmissionDecision } from "../../src/session/admission.ts";
import { networkOf } from "../../src/session/network_of.ts";
import { handshakeBody, HEADER_BYTES, KIND_RETRY } from "../../src/wire/header.ts";

const LIMITS = {
  halfOpenMax: 16,
  halfOpenPerAddressMax: 4,
  cookieLoad: 0.5,
  handshakeMsMax: 1_000,
  cookieMsMax: 400,
};
const INIT_BYTES = 500;
const HONEST = "udp://192.0.2.1:4000";

test("an INIT is accepted once, and known from then on", () => {
  const admission = make();
  assertEquals(knock(admission, HONEST, 1), "accept");
  assertEquals(knock(admission, HONEST, 1), "known");
  assertEquals(knock(admission, HONEST, 2), "accept"); // Another handshake.
  assertEquals(knock(admission, "udp://192.0.2.1:4001", 1), "accept"); // Another port.
  assertEquals(admission.size, 3);
  admission.complete(HONEST, id(1));
  admission.complete(HONEST, id(1));
  assertEquals([admission.size, admission.find(HONEST, id(1))], [2, undefined]);
});

test("cookies are asked for at the load, not one below it", () => {
  const admission = make();
  for (let i = 0; i < 8; i++) assertEquals(knock(admission, host(i), i), "accept");
  assertEquals(knock(admission, HONEST, 9), "retry");
  assertEquals(admission.size, 8); // Nothing was kept.
  admission.complete(host(0), id(0));
  assertEquals(knock(admission, HONEST, 9), "accept");
});

test("a cookie is good for its address and handshake only", () => {
  const admission = loaded();
  const cookie = admission.retryCookie(HONEST, id(1), 0);
  assertEquals(cookie.length, 32);
  assertEquals(knock(admission, "udp://192.0.2.2:4000", 1, cookie), "retry");
  assertEquals(knock(admission, "udp://192.0.2.1:4001", 1, cookie), "retry");
  assertEquals(knock(admission, HONEST, 2, cookie), "retry");
  assertEquals(knock(admission, HONEST, 1, cookie.subarray(0, 31)), "retry");
  for (let bit = 0; bit < 256; bit++) {
    const changed = cookie.slice();
    changed[bit >> 3] ^= 1 << (bit & 7);
    assertEquals(knock(admission, HONEST, 1, changed), "retry");
  }
  assertEquals(knock(admission, HONEST, 1, cookie), "accept");
  assertEquals(admission.find(HONEST, id(1))!.proved, true);
});

test("a cookie of another listener is refused", () => {
  const admission = loaded();
  const other = new Admission({ limits: LIMITS, secret: new Uint8Array(32).fill(2) });
  assertEquals(knock(admission, HONEST, 1, other.retryCookie(HONEST, id(1), 0)), "retry");
});

test("a cookie lasts half its time at least, and never longer than that time", () => {
  for (const made of [0, 1, 199, 200, 350]) {
    const cookie = loaded().retryCookie(HONEST, id(1), made);
    assertEquals(knock(loaded(made), HONEST, 1, cookie, made + 200), "accept");
    assertEquals(knock(loaded(made), HONEST, 1, cookie, made + 400), "retry");
  }
  const cookie = loaded().retryCookie(HONEST, id(1), 0);
  assertEquals(knock(loaded(), HONEST, 1, cookie, 399), "accept");
});

test("a cookie outlives one rotation of the secret, not two", () => {
  const admission = loaded();
  const cookie = admission.retryCookie(HONEST, id(1), 0);
  const later = admission.retryCookie(HONEST, id(2), 0);
  admission.rotate(new Uint8Array(32).fill(8));
  assertNotEquals(admission.retryCookie(HONEST, id(1), 0), cookie);
  assertEquals(knock(admission, HONEST, 1, cookie), "accept");
  admission.rotate(new Uint8Array(32).fill(9));
  assertEquals(knock(admission, HONEST, 2, later), "retry");
  assertThrows(() => admission.rotate(new Uint8Array(31)), RangeError);
  assertThrows(() => new Admission({ limits: LIMITS, secret: new Uint8Array(33) }), RangeError);
});

test("the secret given is copied", () => {
  const secret = new Uint8Array(32).fill(1);
  const admission = new Admission({ limits: LIMITS, secret });
  const cookie = admission.retryCookie(HONEST, id(1), 0);
  secret.fill(0);
  assertEquals(admission.retryCookie(HONEST, id(1), 0), cookie);
});

test("a cookie in a repeated INIT proves the address", () => {
  const admission = make();
  knock(admission, HONEST, 1);
  assertEquals(knock(admission, HONEST, 1, admission.retryCookie(HONEST, id(1), 0)), "known");
  assertEquals(admission.find(HONEST, id(1))!.proved, true);
});

test("a RETRY is never more than three times its INIT", () => {
  const admission = loaded();
  const retryBytes = HEADER_BYTES + handshakeBody(KIND_RETRY, id(1), new Uint8Array(32)).length;
  for (let bytes = 1; bytes < 100; bytes++) {
    const decision = admission.handleInit(HONEST, id(1), undefined, bytes, 0);
    assertEquals(decision, retryBytes <= AMPLIFICATION_MAX * bytes ? "retry" : "drop");
  }
});

test("a host with many ports must prove itself, and then pushes out nobody", () => {
  const admission = make();
  knock(admission, "udp://198.51.100.7:1", 99);
  for (let port = 1; port <= 4; port++) {
    assertEquals(knock(admission, `udp://192.0.2.1:${port}`, port), "accept");
  }
  assertEquals(knock(admission, "udp://192.0.2.1:5", 5), "retry");
  assertEquals(knock(admission, "udp://192.0.2.2:5", 5), "accept");
  const cookie = admission.retryCookie("udp://192.0.2.1:5", id(5), 0);
  assertEquals(knock(admission, "udp://192.0.2.1:5", 5, cookie), "accept");
  assertEquals(admission.expire(0), []);
  assertEquals(admission.size, 7);
});

test("a crowd that has proved itself is let through, as far as the table goes", () => {
  const admission = make();
  const address = (port: number) => `udp://192.0.2.1:${port}`;
  for (let port = 1; port <= 16; port++) assertEquals(prove(admission, address(port), port), "accept");
  assertEquals([admission.size, admission.expire(0)], [16, []]);
  assertEquals(prove(admission, address(17), 17), "accept");
  assertEquals(admission.expire(0).map(({ addressKey }) => addressKey), [address(1)]);
});

test("networkOf leaves out the port, and the half of IPv6 that a host may choose", () => {
  assertEquals(networkOf("udp://192.0.2.1:4000"), "udp://192.0.2.1");
  assertEquals(networkOf("udp://[2001:db8:0:7:a:b:c:d]:1"), "2001:db8:0:7");
  assertEquals(networkOf("udp://[2001:db8:0:7::1]:1"), "2001:db8:0:7");
  assertEquals(networkOf("udp://[2001:db8::7:a:b:c:d]:1"), "2001:db8:0:7");
  assertEquals(networkOf("udp://[2001:db8::1]:1"), "2001:db8:0:0");
  assertEquals(networkOf("udp://[::1]:1"), "0:0:0:0");
  assertEquals(networkOf("udp://[fe80::1%eth0]:1"), "fe80:0:0:0");
  assertEquals(networkOf("udp://[::ffff:192.0.2.1]:1"), "udp://[::ffff:192.0.2.1]");
  assertEquals(networkOf("udp://[::ffff:c000:201]:1"), "udp://[::ffff:c000:201]");
  assertEquals(networkOf("peer"), "peer");
});

test("the proved push out the oldest of the unproved, then the oldest", () => {
  const admission = make();
  for (let i = 0; i < 8; i++) knock(admission, host(i), i);
  admission.find(host(0), id(0))!.prove();
  for (let i = 8; i < 16; i++) assertEquals(prove(admission, host(i), i), "accept");
  assertEquals([admission.size, admission.expire(0)], [16, []]);
  const ended: string[] = [];
  for (let i = 16; i < 25; i++) {
    assertEquals(prove(admission, host(i), i), "accept");
    assertEquals(admission.deadline(5), 5); // There is something to take at once.
    ended.push(...admission.expire(0).map(({ addressKey }) => addressKey));
  }
  assertEquals(ended, [1, 2, 3, 4, 5, 6, 7, 0, 8].map(host));
  assertEquals(admission.size, 16);
});

test("a handshake ends at its deadline, not one millisecond before, whatever it sends", () => {
  const admission = make();
  assertEquals(admission.deadline(0), Infinity);
  knock(admission, host(1), 1, undefined, 0);
  knock(admission, host(2), 2, undefined, 10);
  for (let now = 0; now < 1_000; now += 100) knock(admission, host(1), 1, undefined, now);
  assertEquals(admission.deadline(0), LIMITS.handshakeMsMax);
  assertEquals(admission.expire(999), []);
  assertEquals(admission.expire(1_000).map(({ addressKey }) => addressKey), [host(1)]);
  assertEquals(admission.find(host(1), id(1)), undefined);
  assertEquals(admission.deadline(1_000), 1_010);
  assertEquals(admission.expire(5_000).length, 1);
  assertEquals([admission.size, admission.deadline(5_000)], [0, Infinity]);
});

test("a flood of forged INITs keeps out nobody honest, and costs bounded memory", () => {
  const flood = 100_000;
  const limits = ADMISSION_LIMITS;
  const admission = new Admission({ limits, secret: new Uint8Array(32).fill(1) });
  let honest = 0;
  let now = 0;
  for (let i = 0; i < flood; i++) {
    now = i / 10; // 10,000 a second.
    const forged = `udp://10.${i & 255}.${(i >> 8) & 255}.${i >> 16}:${i & 65_535}`;
    admission.handleInit(forged, id(i), undefined, INIT_BYTES, now);
    admission.expire(now);
    assert(admission.size <= limits.halfOpenMax);
    if (i % 1_000 !== 999) continue;
    const address = `udp://192.0.2.${i % 50}:${i & 65_535}`;
    if (knock(admission, address, i, undefined, now) !== "retry") continue;
    const cookie = admission.retryCookie(address, id(i), now);
    if (knock(admission, address, i, cookie, now + 100) !== "accept") continue; // One round trip later.
    assertEquals(admission.find(address, id(i))!.proved, true);
    admission.complete(address, id(i));
    honest++;
  }
  assertEquals(honest, flood / 1_000);
  // The unproved never take more than their share.
  assertEquals(admission.size, limits.cookieLoad * limits.halfOpenMax);
  admission.expire(Infinity);
  assertEquals([admission.size, admission.deadline(now)], [0, Infinity]);
});

test("a flood with cookies of real addresses leaves room for an honest handshake in flight", () => {
  const admission = new Admission({ limits: ADMISSION_LIMITS, secret: new Uint8Array(32) });
  for (let i = 0; i < 3_000; i++) prove(admission, host(i), i);
  assertEquals(prove(admission, HONEST, 1), "accept");
  for (let i = 3_000; i < 4_000; i++) prove(admission, host(i), i); // 1,000 within its round trips.
  assert(admission.find(HONEST, id(1)) !== undefined);
  assertEquals(admission.size, ADMISSION_LIMITS.halfOpenMax);
  admission.dispose();
  assertEquals(admission.size, 0);
});

function make(): Admission {
  return new Admission({ limits: LIMITS, secret: new Uint8Array(32).fill(1) });
}

/** An admission that asks for cookies. */
function loaded(now = 0): Admission {
  const admission = make();
  for (let i = 0; !admission.loaded; i++) knock(admission, host(i), i, undefined, now);
  return admission;
}

function knock(admission: Admission, address: string, n: number, cookie?: Uint8Array, now = 0) {
  return admission.handleInit(address, id(n), cookie, INIT_BYTES, now);
}

/** Knocks with the cookie that it would be given. */
function prove(admission: Admission, address: string, n: number): AdmissionDecision {
  return knock(admission, address, n, admission.retryCookie(address, id(n), 0));
}

function id(n: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(4, n);
  return bytes;
}

function host(n: number): string {
  return `udp://198.51.${100 + (n >> 8)}.${n & 255}:4000`;
}
