import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { inOrderOf, type Preference } from "../../src/connection/preference.ts";
import { parseAddress } from "../../src/transports/address.ts";

const GIVEN = ["pigeon://loft", "udp://h:1", "ws://h:2", "tcp://h:3", "ws://h:4", "quic://h:5", "mem://name"];

function order(preference: Preference | undefined): string {
  return inOrderOf(preference, GIVEN.map(parseAddress)).map(({ scheme, port }) => scheme + (port || "")).join(
    " ",
  );
}

test("addresses are ordered by what is preferred; equals keep their order, unknown schemes come last", () => {
  assertEquals(order("latency"), "mem udp1 quic5 tcp3 ws2 ws4 pigeon");
  assertEquals(order("throughput"), "mem tcp3 quic5 ws2 ws4 udp1 pigeon");
  assertEquals(order("reliability"), "mem tcp3 quic5 ws2 ws4 udp1 pigeon");
  assertEquals(order("firewall"), "mem ws2 ws4 quic5 tcp3 udp1 pigeon");
});

test("without a preference addresses stay as they are given; one that does not exist is refused", () => {
  assertEquals(order(undefined), "pigeon udp1 ws2 tcp3 ws4 quic5 mem");
  for (const wrong of ["beauty", "toString", ""]) {
    assertThrows(() => order(wrong as Preference), TypeError, "prefer");
  }
});
