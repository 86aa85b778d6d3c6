/**
 * A stream link over an ordered, reliable data channel.
 *
 * Bytes travel in binary messages of at most 16 KiB, wherever the cuts fall. A data channel has no half-closed state and
 * may lose what is under way when it closes, so the end is said in text: who closes says `end` behind its last bytes, and
 * lets go when the other side has answered `ended`. A channel that closes without was cut off. A listener begins with
 * `ready`: before that, it might not even notice a channel that is closed at once.
 *
 * A data channel cannot be told to wait: what arrives is delivered. The window of the session bounds it.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import {
  LINK_CLOSE_MS_MAX,
  LINK_EARLY_BYTES_MAX,
  LINK_HIGH_WATER_BYTES,
  LINK_LOW_WATER_BYTES,
  LINK_MESSAGE_BYTES,
  LINK_QUEUE_BYTES_MAX,
  WEBRTC_MESSAGE_BYTES_MAX,
} from "../../limits.ts";
import type { LinkTraits } from "../../link.ts";
import { BaseLink } from "../base_link.ts";
import type { Call } from "./call.ts";
import type { ChannelHandler, PeerChannel } from "./peer.ts";

const READY = "ready";
const END = "end";
const ENDED = "ended";

const TRAITS: LinkTraits = {
  kind: "stream",
  reliable: true,
  ordered: true,
  mtu: undefined,
  encrypted: true, // By DTLS; who is at the other end, only the session knows.
  nativeStreams: false,
};

/** A link over one channel; the call behind it is the link's from now on. */
export class ChannelStreamLink extends BaseLink implements ChannelHandler {
  readonly traits = TRAITS;
  readonly #channel: PeerChannel;
  readonly #call: Call;
  // What arrived before the start; undefined once that was delivered.
  #early: Uint8Array[] | undefined = [];
  #earlyBytes = 0;
  // Invariant: true exactly while a `send` has returned false and no drain was told since.
  #awaited = false;
  // The other side has said its end, and is to hear that we heard.
  #isEndedByPeer = false;
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  // Resolves when the other side has let go of the channel, or has heard that we did.
  readonly #parted: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(channel: PeerChannel, call: Call, localAddress: string, remoteAddress: string) {
    super(localAddress, remoteAddress);
    this.#channel = channel;
    this.#call = call;
    call.onLost = (reason) => this.#lost(reason);
    channel.lowThreshold = LINK_LOW_WATER_BYTES;
    channel.listen(this);
  }

  /** A channel copies what it is given. */
  get isFlushed(): boolean {
    return !this.over;
  }

  /** Resolves when the listener has the other end, or has ended it already. For the side that dialled. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Tells the side that dialled that its link has arrived. */
  greet(): void {
    this.#say(READY);
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#early === undefined) this.receiver?.onReceive(bytes);
    else if (!this.over) this.#keep(bytes);
  }

  onText(text: string): void {
    if (text === READY) {
      this.#ready.resolve();
    } else if (text === ENDED) {
      this.#parted.resolve();
      this.finish();
    } else if (text === END && !this.over) {
      this.#isEndedByPeer = true;
      // What came before the end is the user's first.
      if (this.#early === undefined || this.closing) this.finish();
    }
  }

  onLow(): void {
    if (!this.#awaited || this.#channel.bufferedAmount > LINK_LOW_WATER_BYTES) return;
    this.#awaited = false;
    this.drained();
  }

  onClosed(): void {
    this.#lost("the data channel closed without a word");
  }

  protected get pending(): number {
    return this.#channel.bufferedAmount;
  }

  protected begin(): void {
    queueMicrotask(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const bytes of early) this.receiver?.onReceive(bytes);
      if (this.#isEndedByPeer) this.finish();
    });
  }

  protected write(bytes: Uint8Array): boolean {
    try {
      for (let at = 0; at < bytes.length; at += WEBRTC_MESSAGE_BYTES_MAX) {
        const isWhole = at === 0 && bytes.length <= WEBRTC_MESSAGE_BYTES_MAX;
        this.#channel.send(isWhole ? bytes : bytes.subarray(at, at + WEBRTC_MESSAGE_BYTES_MAX));
      }
    } catch (cause) {
      // Browsers refuse what their buffer does not hold (16 MiB in Chromium): only a user who does not wait gets there.
      this.finish(this.pending > LINK_HIGH_WATER_BYTES ? this.overrun() : this.#broken(cause));
      return false;
    }
    const waiting = this.#channel.bufferedAmount;
    if (waiting > LINK_QUEUE_BYTES_MAX) this.finish(this.overrun());
    if (waiting > LINK_HIGH_WATER_BYTES) this.#awaited = true;
    return !this.#awaited;
  }

  protected end(): void {
    if (this.#isEndedByPeer) this.finish();
    else this.#say(END);
  }

  protected release(): Promise<void> | void {
    this.#early = undefined;
    if (!this.#isEndedByPeer) return this.#call.close();
    // Closed at once, the other side might not hear that all of its bytes arrived.
    this.#say(ENDED);
    return this.#part();
  }

  async #part(): Promise<void> {
    const timer = setTimeout(this.#parted.resolve, LINK_CLOSE_MS_MAX);
    await this.#parted.promise;
    clearTimeout(timer);
    this.#call.close();
  }

  #say(text: string): void {
    try {
      this.#channel.send(text);
    } catch (cause) {
      this.#lost((cause as Error).message);
    }
  }

  #lost(reason: string): void {
    this.#parted.resolve();
    this.#ready.resolve();
    if (!this.over) this.fail(new Error(reason));
  }

  #keep(bytes: Uint8Array): void {
    this.#early!.push(bytes);
    this.#earlyBytes += bytes.length + LINK_MESSAGE_BYTES;
    if (this.#earlyBytes <= LINK_EARLY_BYTES_MAX) return;
    this.finish(
      new HawserError("backpressure", `${this.remoteAddress} sent too much before the link was started`),
    );
  }

  #broken(cause: unknown): HawserError {
    return new HawserError("io", `the link to ${this.remoteAddress} broke: ${(cause as Error).message}`, {
      cause,
    });
  }
}
