/**
 * Where strangers knock on a listening datagram socket.
 *
 * A datagram's source address may be forged, so nothing is kept for it until
 * the admission says so; a sealed packet goes to the session that it names,
 * which judges whether it is authentic.
 *
 * @module
 */

import type { DatagramSource, Listening } from "../link.ts";
import type { Connection } from "./connection.ts";
import type { Server } from "./server.ts";

/** The door of one listening datagram socket. */
export class DatagramDoor {
  readonly #server: Server;
  #listening: Listening | undefined;
  constructor(server: Server) {
    this.#server = server;
  }
  open(listening: Listening): void {
    this.#listening = listening;
  }
  handleDatagram(_bytes: Uint8Array, _source: DatagramSource): void {}
}
