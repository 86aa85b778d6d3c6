/**
 * quiche for Node: the native part of the package `@matrixai/quic`, which is loaded when first needed.
 *
 * Of that package only the binding to quiche is used; its own classes neither tell the end of a stream from its abort,
 * nor offer datagrams.
 *
 * @module
 */

import { rootCertificates } from "node:tls";
import type { Quiche } from "@matrixai/quic/native/quiche.js";
import type { Config, Connection, Header } from "@matrixai/quic/native/types.js";
import { HawserError } from "../../errors.ts";
import { QUIC_DATAGRAM_QUEUE_MAX, QUIC_PACKET_BYTES_MAX } from "../../quic_limits.ts";
import type { QuicDialSettings, QuicListenSettings, QuicSettings } from "./settings.ts";

export type { Config, Connection, Header, Quiche };

/**
 * The binding.
 * @throws {HawserError} `unsupported` where the package is not installed, or has nothing for this machine
 */
export async function loadQuiche(): Promise<Quiche> {
  try {
    return (await import("@matrixai/quic/native/quiche.js")).default;
  } catch (cause) {
    const message =
      "Node has no QUIC of its own for quic://: npm install @matrixai/quic@2.0.9, which is for Linux on x64";
    throw new HawserError("unsupported", message, { cause });
  }
}

const encoder = new TextEncoder();

/** What quiche is told for a dial. */
export function dialConfig(quiche: Quiche, settings: QuicDialSettings): Config {
  const { ca = rootCertificates, hashes } = settings;
  // Of a certificate that is known by its hash, nobody else is asked.
  const pinned = hashes !== undefined;
  const config = quiche.Config.withBoringSslCtx(true, pinned, encoder.encode(ca.join("\n")));
  return configured(config, settings);
}

/** What quiche is told for a listener. */
export function listenConfig(quiche: Quiche, settings: QuicListenSettings): Config {
  const [key, cert] = [settings.key, settings.cert].map((pem) => encoder.encode(pem));
  return configured(quiche.Config.withBoringSslCtx(false, false, undefined, [key], [cert]), settings);
}

function configured(config: Config, settings: QuicSettings): Config {
  config.setApplicationProtos([...settings.alpn]);
  config.setMaxIdleTimeout(settings.idleMsMax);
  config.setMaxRecvUdpPayloadSize(65_527);
  config.setMaxSendUdpPayloadSize(QUIC_PACKET_BYTES_MAX);
  config.setInitialMaxData(settings.windowBytes);
  config.setInitialMaxStreamDataBidiLocal(settings.streamWindowBytes);
  config.setInitialMaxStreamDataBidiRemote(settings.streamWindowBytes);
  config.setInitialMaxStreamDataUni(0);
  config.setInitialMaxStreamsBidi(settings.streamsMax + 1); // One is the link.
  config.setInitialMaxStreamsUni(0);
  config.setMaxConnectionWindow(settings.windowBytes);
  config.setMaxStreamWindow(settings.streamWindowBytes);
  config.enableDgram(true, QUIC_DATAGRAM_QUEUE_MAX, QUIC_DATAGRAM_QUEUE_MAX);
  config.setDisableActiveMigration(true);
  config.enablePacing(false); // It would need a timer for every packet.
  config.grease(true);
  return config;
}
