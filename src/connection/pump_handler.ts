/**
 * What a pump tells of its session.
 *
 * @module
 */

import type { HawserError } from "../errors.ts";
import type { Claim, CloseInfo, EarlyData, Peer } from "../session/mod.ts";

/** Who hears of what happens to a session. */
export interface PumpHandler {
  /** Decides whether a peer that has proved its identity is welcome. */
  handlePeer(peer: Peer): boolean | Promise<boolean>;
  /** Messages may flow. */
  handleOpen(): void;
  /** Messages may have arrived: take what is wanted. */
  handleMessages(): void;
  handleDrained(): void;
  /** Something happened to streams. */
  handleStreams(): void;
  handlePong(token: number, roundTripMs: number): void;
  /** The link is gone; the session waits for another. */
  handleSuspended?(error: HawserError): void;
  /** Initiators with a claim: the responder goes on with that session, and has heard so many packets of it. */
  handleAdmitted?(received: number): void;
  /** Responders: the peer wants to go on with another session. Returns whether it did; otherwise it is refused. */
  handleClaim?(claim: Claim): boolean;
  /** Responders: a message came with the first packet of a peer that is welcome. Returns whether it is taken. */
  handleEarly?(early: EarlyData): boolean;
  /** It is over; called once. */
  handleClosed(info: CloseInfo): void;
  /** Nothing more can be done before something happens. */
  handleSettled(): void;
}
