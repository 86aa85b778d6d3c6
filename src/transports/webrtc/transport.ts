/**
 * Dialling and listening over WebRTC, whichever implementation makes the peer connections.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { WEBRTC_OPEN_MS_MAX } from "../../limits.ts";
import type { Address, Link, Transport, TransportOptions } from "../../link.ts";
import type { Signal, SignallingSeat } from "../../signalling.ts";
import { formatAddress } from "../address.ts";
import { Call } from "./call.ts";
import { ChannelDatagramLink } from "./datagram_link.ts";
import { WebrtcListening } from "./listening.ts";
import { freshName, nameOf, type Settings, settingsOf, STREAM_PROTOCOL } from "./options.ts";
import type { OpenPeer, PeerChannel } from "./peer.ts";
import { ChannelStreamLink } from "./stream_link.ts";

/** The transport of `webrtc://` over the peer connections that `load` makes. */
export function webrtcTransport(load: () => OpenPeer | Promise<OpenPeer>): Transport {
  return {
    schemes: ["webrtc"],

    async dial(address, options) {
      const settings = settingsOf(address, options);
      if (nameOf(address) === "") throw nameless(address);
      const open = await load();
      options.signal?.throwIfAborted();
      return await new Dial(address, settings, open).run(options.signal);
    },

    async listen(address: Address, options: TransportOptions, handler) {
      const settings = settingsOf(address, options);
      const name = nameOf(address) || freshName();
      return await WebrtcListening.open({ ...address, host: name }, settings, await load(), handler);
    },
  };
}

/** One dial: takes a name of its own, calls, and gives the name back when the channel is open. */
class Dial {
  readonly #address: Address;
  readonly #settings: Settings;
  readonly #open: OpenPeer;
  readonly #name = freshName();
  readonly #result: PromiseWithResolvers<Link> = Promise.withResolvers();
  #seat: SignallingSeat | undefined;
  #call: Call | undefined;

  constructor(address: Address, settings: Settings, open: OpenPeer) {
    this.#address = address;
    this.#settings = settings;
    this.#open = open;
  }

  async run(signal: AbortSignal | undefined): Promise<Link> {
    const { promise, reject } = this.#result;
    promise.catch(() => {}); // It may fail before it is waited for.
    this.#seat = await this.#settings.signalling.join(this.#name, {
      onSignal: (from, said) => this.#onSignal(from, said),
      onClose: (error) => this.#giveUp(error),
    }, signal);
    const onAbort = () => this.#giveUp(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => this.#giveUp(late(this.#address)), WEBRTC_OPEN_MS_MAX);
    try {
      signal?.throwIfAborted();
      this.#call = this.#begin();
      return await promise;
    } catch (error) {
      reject(error);
      this.#call?.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      void this.#seat.close();
    }
  }

  #begin(): Call {
    const call = new Call(this.#address.href, this.#open, this.#settings.peer, {
      tell: (said) => this.#seat!.send(this.#address.host, said),
      onOpen: (channel) => this.#onOpen(channel, call),
      onFailed: (error) => this.#result.reject(error),
    });
    call.offer(this.#settings.channel);
    return call;
  }

  #onOpen(channel: PeerChannel, call: Call): void {
    const local = formatAddress({ scheme: "webrtc", host: this.#name });
    const { href } = this.#address;
    const { resolve } = this.#result;
    if (this.#settings.channel.protocol === STREAM_PROTOCOL) {
      const link = new ChannelStreamLink(channel, call, local, href);
      void link.ready.then(() => resolve(link));
    } else {
      resolve(new ChannelDatagramLink(channel, call, this.#settings.mtu, local, href));
    }
  }

  #onSignal(from: string, said: Signal): void {
    if (from === this.#address.host) this.#call?.handleSignal(said);
  }

  #giveUp(reason: unknown): void {
    this.#result.reject(reason);
    this.#call?.abandon();
  }
}

function nameless({ href }: Address): HawserError {
  return new HawserError("invalid-address", `${href} names nobody; write webrtc://name`);
}

function late({ href }: Address): HawserError {
  return new HawserError(
    "timeout",
    `${href} was not reached within ${WEBRTC_OPEN_MS_MAX} ms; a TURN server in iceServers may help`,
  );
}
