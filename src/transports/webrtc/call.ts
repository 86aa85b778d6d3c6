/**
 * From two names to one open channel: what offers, answers and candidates do.
 *
 * @module
 */

import { HawserError, type HawserErrorCode } from "../../errors.ts";
import { WEBRTC_CANDIDATES_MAX, WEBRTC_OPEN_MS_MAX } from "../../limits.ts";
import type { Signal } from "../../signalling.ts";
import type { ChannelInit, OpenPeer, Peer, PeerChannel, PeerConfig, PeerHandler } from "./peer.ts";

/** Who hears of a call. */
export interface CallHandler {
  /** To be told to the other side. */
  tell(signal: Signal): void;
  /** The channel is open; it must be listened to before this returns. */
  onOpen(channel: PeerChannel): void;
  /** There will be no channel. The call is closed; called at most once, and never after `onOpen`. */
  onFailed(error: HawserError): void;
}

/** What the other side may give as its reason; everything else is `webrtc`. */
const REASONS: ReadonlySet<HawserErrorCode> = new Set([
  "connection-refused",
  "timeout",
  "closed",
  "limit",
  "unsupported",
]);

/** One call, from its first signal to the end of its peer connection. */
export class Call implements PeerHandler {
  /** The peer connection failed after the channel had opened. */
  onLost: ((reason: string) => void) | undefined;
  readonly #with: string;
  readonly #handler: CallHandler;
  readonly #peer: Peer;
  readonly #timer: ReturnType<typeof setTimeout>;
  #isCaller = false;
  // Invariant: empty once the other side's description is there.
  #early: Extract<Signal, { type: "candidate" }>[] = [];
  #isDescribed = false;
  #taken = 0;
  #state: "opening" | "open" | "closed" = "opening";

  /**
   * A call with the peer of the name `name`.
   * @throws {TypeError} for ICE servers that are none
   * @throws {HawserError} `webrtc` where the implementation refuses
   */
  constructor(name: string, open: OpenPeer, config: PeerConfig, handler: CallHandler) {
    this.#with = name;
    this.#handler = handler;
    try {
      this.#peer = open(config, this);
    } catch (cause) {
      if (cause instanceof TypeError) throw cause;
      const { message } = cause as Error;
      throw new HawserError("webrtc", `no peer connection can be made: ${message}`, { cause });
    }
    const late =
      `${name} was not reached within ${WEBRTC_OPEN_MS_MAX} ms; a TURN server in iceServers may help`;
    this.#timer = setTimeout(() => this.#fail("timeout", late), WEBRTC_OPEN_MS_MAX);
  }

  /** Calls. */
  offer(init: ChannelInit): void {
    this.#isCaller = true;
    this.#peer.offer(init);
  }

  /** The other side says something. */
  handleSignal(signal: Signal): void {
    if (this.#state !== "opening") return;
    switch (signal.type) {
      case "end":
        return this.#end(signal.code, signal.reason);
      case "candidate":
        return this.#handleCandidate(signal);
      default:
        if (this.#isDescribed || this.#isCaller !== (signal.type === "answer")) return;
        this.#isDescribed = true;
        this.#peer.describe(signal.type, signal.sdp);
        for (const { candidate, mid } of this.#early.splice(0)) this.#peer.addCandidate(candidate, mid);
    }
  }

  /** We do not want it any more: says so to the other side, unless the channel is open; `onFailed` is not called. */
  abandon(): void {
    if (this.#state !== "opening") return;
    this.#handler.tell({ type: "end", code: "closed", reason: "the other side has given up" });
    this.close();
  }

  /** Ends the peer connection at once; `onFailed` is not called. */
  close(): void {
    this.#state = "closed";
    clearTimeout(this.#timer);
    this.#peer.close();
  }

  onDescription(type: "offer" | "answer", sdp: string): void {
    if (this.#state !== "opening") return;
    this.#handler.tell({ type, sdp });
  }

  onCandidate(candidate: string, mid: string): void {
    if (this.#state === "opening") this.#handler.tell({ type: "candidate", candidate, mid });
  }

  onUnreachable(trouble: string): void {
    const said = trouble === "" ? "" : ` (${trouble})`;
    this.#fail(
      "webrtc",
      `there is no way to reach us${said}: check iceServers and their credentials, and the network`,
    );
  }

  onChannel(channel: PeerChannel): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    clearTimeout(this.#timer);
    this.#handler.onOpen(channel);
  }

  onFailed(reason: string): void {
    if (this.#state === "open") return this.onLost?.(reason);
    this.#fail(
      "webrtc",
      `${this.#with} cannot be reached: ${reason}; a TURN server in iceServers may help`,
    );
  }

  #handleCandidate(signal: Extract<Signal, { type: "candidate" }>): void {
    if (++this.#taken > WEBRTC_CANDIDATES_MAX) return;
    if (this.#isDescribed) this.#peer.addCandidate(signal.candidate, signal.mid);
    else this.#early.push(signal);
  }

  // The other side has given up: it needs no answer.
  #end(code: HawserErrorCode, reason: string): void {
    const known = REASONS.has(code) ? code : "webrtc";
    this.close();
    this.#handler.onFailed(new HawserError(known, `${this.#with} cannot be called: ${reason}`));
  }

  #fail(code: HawserErrorCode, message: string): void {
    if (this.#state !== "opening") return;
    this.#handler.tell({ type: "end", code, reason: "the other side could not open a channel" });
    this.close();
    this.#handler.onFailed(new HawserError(code, message));
  }
}
