/**
 * Two hosts on one machine: network namespaces of Linux, joined by a virtual cable.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import process from "node:process";

/** Two hosts and the cable between them. */
export interface TwoHosts extends Disposable {
  readonly addresses: readonly [string, string];
  /** What to put before a command so that it runs on a host. */
  on(host: 0 | 1): readonly string[];
  /** From now on each host drops so many of a hundred packets that arrive. */
  lose(percent: number): void;
  /** Packets that were dropped so far. */
  dropped(): number;
}

/** Why there can be no two hosts here; `undefined` if there can. */
export function whyNotTwoHosts(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's own";
  if (process.getuid?.() !== 0) return "network namespaces need root";
  for (const command of ["ip", "nft"]) {
    try {
      execFileSync(command, ["-V"], { stdio: "ignore" });
    } catch {
      return `there is no command ${command}: install iproute2 and nftables`;
    }
  }
  const name = `hawser-probe-${process.pid}`;
  try {
    execFileSync("ip", ["netns", "add", name], { stdio: "pipe" });
    execFileSync("ip", ["netns", "del", name], { stdio: "pipe" });
  } catch (error) {
    return `network namespaces cannot be made here: ${error instanceof Error ? error.message : error}`;
  }
  return undefined;
}

/** Makes two hosts; leaving the scope takes them away. */
export function twoHosts(): TwoHosts {
  const names = [0, 1].map((host) => `hawser-${process.pid}-${host}`);
  const cables = [0, 1].map((host) => `hw${process.pid}-${host}`);
  const addresses = ["10.77.0.1", "10.77.0.2"] as const;
  const on = (host: number) => ["ip", "netns", "exec", names[host]];
  const run = (line: readonly string[]) => execFileSync(line[0], line.slice(1), { encoding: "utf8" });
  const ip = (words: string) => run(["ip", ...words.split(" ")]);
  const dispose = () => {
    for (const name of names) {
      try {
        ip(`netns del ${name}`);
      } catch {
        // It was never made.
      }
    }
  };
  try {
    for (const name of names) ip(`netns add ${name}`);
    ip(`link add ${cables[0]} netns ${names[0]} type veth peer name ${cables[1]} netns ${names[1]}`);
    for (const host of [0, 1]) {
      ip(`-n ${names[host]} addr add ${addresses[host]}/24 dev ${cables[host]}`);
      ip(`-n ${names[host]} link set lo up`);
      ip(`-n ${names[host]} link set ${cables[host]} up`);
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    addresses,
    on,
    lose(percent) {
      for (const host of [0, 1]) {
        const rule = `numgen random mod 100 < ${percent} counter drop`;
        run([
          ...on(host),
          "nft",
          `add table inet loss; add chain inet loss in { type filter hook input priority 0; }; ` +
          `add rule inet loss in iifname "${cables[host]}" ${rule}`,
        ]);
      }
    },
    dropped() {
      const counted = [0, 1].map((host) => run([...on(host), "nft", "list", "table", "inet", "loss"]));
      return counted.reduce((sum, text) => sum + Number(/counter packets (\d+)/.exec(text)?.[1] ?? 0), 0);
    },
    [Symbol.dispose]: dispose,
  };
}
