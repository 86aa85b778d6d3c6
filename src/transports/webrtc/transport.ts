/**
 * Dialling and listening over WebRTC, whichever implementation makes the peer connections.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
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
    try {
      signal?.throwIfAborted();
      this.#call = this.#begin();
      return await promise;
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      void this.#seat.close();
    }
  }

  #begin(): Call {
    const call = new Call(this.#address.href, this.#open, this.#settings.peer, {
      tell: (said) => this.#seat!.send(this.#address.host, said),
      onOpen: (channel) => this.#result.resolve(this.#linkOver(channel, call)),
      onFailed: (error) => this.#result.reject(error),
    });
    call.offer(this.#settings.channel);
    return call;
  }

  #linkOver(channel: PeerChannel, call: Call): Link {
    const local = formatAddress({ scheme: "webrtc", host: this.#name });
    const { href } = this.#address;
    return this.#settings.channel.protocol === STREAM_PROTOCOL
      ? new ChannelStreamLink(channel, call, local, href)
      : new ChannelDatagramLink(channel, call, this.#settings.mtu, local, href);
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
