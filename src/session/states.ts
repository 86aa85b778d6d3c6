/**
 * The states of a session, and which event leads from which to which.
 *
 * @module
 */

import { HawserError } from "../errors.ts";

/** Where a session stands. */
export type SessionState =
  /** Responder: nothing has come yet. */
  | "await-init"
  /** Initiator: INIT is out. */
  | "await-response"
  /** Responder: RESPONSE is out; CONFIRM, or in short handshakes a sealed packet, is to prove the initiator. */
  | "await-confirm"
  /** The peer has said who it is; our side decides whether it is welcome. */
  | "deciding"
  /** Initiator: CONFIRM is out; the responder decides. */
  | "await-accept"
  /** Messages flow. */
  | "open"
  /** The link is gone; another may come. What is sent waits. */
  | "suspended"
  /** We want to close: what is queued still goes out, then CLOSE, then the peer's CLOSE comes. */
  | "closing"
  /** It is over. */
  | "closed";

/** What makes a session change its state. */
export type Transition =
  | "init"
  | "response"
  | "confirm"
  | "prove"
  | "accept-responder"
  | "accept-claim"
  | "accept-initiator"
  | "accepted"
  | "suspend"
  | "resume"
  | "close"
  | "end";

const TRANSITIONS: Record<SessionState, Partial<Record<Transition, SessionState>>> = {
  // In a short handshake INIT says who the peer is, and its first sealed packet proves that this is no replay.
  "await-init": { init: "await-confirm", confirm: "deciding", end: "closed" },
  "await-response": { response: "deciding", end: "closed" },
  "await-confirm": { confirm: "deciding", prove: "open", end: "closed" },
  "deciding": {
    "accept-responder": "await-accept",
    "accept-initiator": "open",
    "accept-claim": "await-confirm",
    end: "closed",
  },
  "await-accept": { accepted: "open", end: "closed" },
  "open": { close: "closing", suspend: "suspended", end: "closed" },
  "suspended": { resume: "open", end: "closed" },
  "closing": { end: "closed" },
  "closed": {},
};

/** What a call says that needs an open connection. */
export function notOpen(state: SessionState): HawserError {
  return new HawserError("closed", `the connection is not open: it is ${state}`);
}

/** The state that `transition` leads to; `undefined` where it may not happen. */
export function nextState(state: SessionState, transition: Transition): SessionState | undefined {
  return TRANSITIONS[state][transition];
}
