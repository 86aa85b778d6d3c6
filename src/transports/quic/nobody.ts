/**
 * Finds out that nobody listens.
 *
 * A dial of QUIC hears nothing where nobody is, and would wait for all of its time. The system knows better: it is told
 * by ICMP that the port is closed, and tells a UDP socket that is connected to it (Bun, Node).
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { QUIC_PROBE_MS } from "../../quic_limits.ts";
import { QuicFailure } from "./failure.ts";

/** What is being asked, until it is stopped. */
export interface NobodyProbe {
  /** Rejects with a `QuicFailure` if nobody listens; otherwise never settles. */
  readonly refused: Promise<never>;
  /** Asks no more. Safe to call twice. */
  stop(): void;
}

/** Asks whether anybody listens at an IP address, once a dial of `host` has waited for longer than usual. */
export function probeForNobody(host: string, port: number): NobodyProbe {
  const { promise: refused, reject } = Promise.withResolvers<never>();
  refused.catch(() => {});
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  let open = true;
  const stop = () => {
    clearTimeout(timer);
    if (open) socket.close();
    open = false;
  };
  socket.on("error", (cause: Error & { code?: string }) => {
    stop();
    if (cause.code === "ECONNREFUSED") {
      reject(new QuicFailure({ refused: true }, "the port is closed", cause));
    }
  });
  const timer = setTimeout(() => {
    socket.connect(port, host, () => {
      // A byte that no version of QUIC takes for the start of a packet (RFC 8999 §5, RFC 9000 §17.3).
      if (open) socket.send(new Uint8Array(1));
    });
  }, QUIC_PROBE_MS);
  return { refused, stop };
}
