/**
 * A `webrtc://` listener: takes a name, and answers who calls it.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { WEBRTC_CALLS_MAX, WEBRTC_OPEN_MS_MAX } from "../../limits.ts";
import type { Address, DatagramSource, Link, ListenHandler, Listening } from "../../link.ts";
import type { Signal, SignallingSeat } from "../../signalling.ts";
import { formatAddress } from "../address.ts";
import { Call } from "./call.ts";
import { ChannelDatagramLink } from "./datagram_link.ts";
import { DATAGRAM_PROTOCOL, type Settings, STREAM_PROTOCOL } from "./options.ts";
import type { OpenPeer, PeerChannel } from "./peer.ts";
import { ChannelStreamLink } from "./stream_link.ts";

/** A name that is listened on. */
export class WebrtcListening implements Listening {
  readonly url: string;
  readonly #settings: Settings;
  readonly #open: OpenPeer;
  readonly #handler: ListenHandler;
  #seat!: SignallingSeat;
  // Who calls and has no channel yet.
  readonly #calls: Map<string, Call> = new Map();
  // Channels of datagrams, by the key of their source.
  readonly #sources: Map<string, DatagramCaller> = new Map();
  #isClosed = false;

  private constructor(address: Address, settings: Settings, open: OpenPeer, handler: ListenHandler) {
    this.url = formatAddress({ ...address, peerId: undefined });
    this.#settings = settings;
    this.#open = open;
    this.#handler = handler;
  }

  /**
   * Takes the name.
   * @throws {HawserError} what the signalling says: `address-in-use`, above all
   */
  static async open(
    address: Address,
    settings: Settings,
    open: OpenPeer,
    handler: ListenHandler,
  ): Promise<WebrtcListening> {
    const listening = new WebrtcListening(address, settings, open, handler);
    try {
      listening.#seat = await settings.signalling.join(address.host, {
        onSignal: (from, signal) => listening.#onSignal(from, signal),
        onClose: (error) => listening.#onLost(error),
      });
    } catch (cause) {
      if (!(cause instanceof HawserError)) throw cause;
      const { code, message, retryable } = cause;
      throw new HawserError(code, `cannot listen on ${listening.url}: ${message}`, { cause, retryable });
    }
    return listening;
  }

  sendTo(bytes: Uint8Array, source: DatagramSource): boolean {
    return this.#sources.get(source.key)?.link.send(bytes) ?? false;
  }

  link(source: DatagramSource): Link {
    const caller = this.#sources.get(source.key);
    if (caller === undefined) throw new TypeError("the source is none of this listener");
    clearTimeout(caller.timer);
    return caller.link;
  }

  async close(): Promise<void> {
    this.#end();
    await this.#seat.close();
  }

  #onSignal(from: string, signal: Signal): void {
    if (this.#isClosed) return;
    const known = this.#calls.get(from);
    if (known !== undefined) {
      known.handleSignal(signal);
      if (signal.type === "end") this.#calls.delete(from);
    } else if (signal.type === "offer") {
      if (this.#calls.size < WEBRTC_CALLS_MAX) this.#answer(from, signal);
      else this.#seat.send(from, { type: "end", code: "limit", reason: "too many calls at once; try again" });
    }
  }

  #answer(from: string, offer: Signal): void {
    let call: Call;
    try {
      call = new Call(from, this.#open, this.#settings.peer, {
        tell: (signal) => this.#seat.send(from, signal),
        onOpen: (channel) => this.#onOpen(from, channel, call),
        onFailed: () => this.#calls.delete(from),
      });
    } catch {
      return this.#seat.send(from, {
        type: "end",
        code: "webrtc",
        reason: "it cannot make a peer connection",
      });
    }
    this.#calls.set(from, call);
    call.handleSignal(offer);
  }

  #onOpen(from: string, channel: PeerChannel, call: Call): void {
    this.#calls.delete(from);
    const remote = formatAddress({ scheme: "webrtc", host: from });
    if (channel.protocol === STREAM_PROTOCOL) {
      const link = new ChannelStreamLink(channel, call, this.url, remote);
      link.greet();
      this.#handler.onLink(link);
    } else if (channel.protocol === DATAGRAM_PROTOCOL) {
      this.#addCaller(from, new ChannelDatagramLink(channel, call, this.#settings.mtu, this.url, remote));
    } else {
      call.close();
    }
  }

  // Whether a datagram deserves a connection is decided above; who is not given one in time loses the channel.
  #addCaller(from: string, link: ChannelDatagramLink): void {
    // Without a colon: each caller is a network of its own, because WebRTC has proved that it can be reached.
    const source = { key: `webrtc-${from}`, address: link.remoteAddress };
    const timer = setTimeout(() => void link.close({ abort: true }), WEBRTC_OPEN_MS_MAX);
    this.#sources.set(source.key, { link, timer });
    link.receive((bytes) => this.#handler.onDatagram(bytes, source), () => {
      clearTimeout(timer);
      this.#sources.delete(source.key);
    });
  }

  #onLost(error: HawserError): void {
    if (this.#isClosed) return;
    this.#end();
    this.#handler.onClose(error);
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const call of this.#calls.values()) call.abandon();
    this.#calls.clear();
    for (const { link } of this.#sources.values()) void link.close();
  }
}

interface DatagramCaller {
  readonly link: ChannelDatagramLink;
  readonly timer: ReturnType<typeof setTimeout>;
}
