/**
 * Peer connections by the standard `RTCPeerConnection`: what browsers have.
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import type { IceServer } from "../../signalling.ts";
import type { ChannelHandler, ChannelInit, OpenPeer, Peer, PeerChannel, PeerHandler } from "./peer.ts";

interface Description {
  readonly type: string;
  readonly sdp?: string;
}

/** The part of `RTCPeerConnection` that is used. */
interface WebConnection {
  readonly localDescription: Description | null;
  readonly connectionState: string;
  onicecandidate: ((event: { candidate: WebCandidate | null }) => void) | null;
  onicecandidateerror: ((event: { errorCode?: number; errorText?: string; url?: string }) => void) | null;
  onconnectionstatechange: (() => void) | null;
  ondatachannel: ((event: { channel: WebDataChannel }) => void) | null;
  createDataChannel(label: string, init: Record<string, unknown>): WebDataChannel;
  createOffer(): Promise<Description>;
  createAnswer(): Promise<Description>;
  setLocalDescription(description: Description): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  addIceCandidate(candidate: { candidate: string; sdpMid: string }): Promise<void>;
  close(): void;
}

interface WebCandidate {
  readonly candidate: string;
  readonly sdpMid: string | null;
}

interface WebDataChannel {
  readonly protocol: string;
  readonly readyState: string;
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null;
  onbufferedamountlow: (() => void) | null;
  onclose: (() => void) | null;
  send(data: string | Uint8Array): void;
}

/** The class `RTCPeerConnection`, or another that keeps its contract. */
export type WebConnectionClass = new (
  config: { iceServers: readonly IceServer[]; iceTransportPolicy: "all" | "relay" },
) => unknown;

/**
 * Makes peer connections of the class of this page.
 * @throws {HawserError} `unsupported` where there is none: in workers
 */
export function webPeers(
  Connection: WebConnectionClass | undefined = (globalThis as { RTCPeerConnection?: WebConnectionClass })
    .RTCPeerConnection,
): OpenPeer {
  if (Connection === undefined) {
    throw new HawserError(
      "unsupported",
      "there is no RTCPeerConnection here; use webrtc:// in a page itself",
    );
  }
  return (config, handler) => new WebPeer(new Connection(config) as WebConnection, handler);
}

class WebPeer implements Peer {
  readonly #connection: WebConnection;
  readonly #handler: PeerHandler;
  // What is done one after the other: the standard forbids candidates before the description.
  #steps: Promise<void> = Promise.resolve();
  #trouble = "";
  #isReachable = false;
  #closed = false;

  constructor(connection: WebConnection, handler: PeerHandler) {
    this.#connection = connection;
    this.#handler = handler;
    connection.onicecandidate = ({ candidate }) => this.#onCandidate(candidate);
    connection.onicecandidateerror = ({ errorCode, errorText, url }) =>
      this.#trouble = [url, errorCode, errorText].filter(Boolean).join(" ");
    connection.onconnectionstatechange = () => this.#onState();
    connection.ondatachannel = ({ channel }) => this.#open(channel);
  }

  offer({ protocol, ordered, maxRetransmits, maxPacketLifeTime }: ChannelInit): void {
    const init: Record<string, unknown> = { protocol, ordered };
    if (maxRetransmits !== undefined) init.maxRetransmits = maxRetransmits;
    if (maxPacketLifeTime !== undefined) init.maxPacketLifeTime = maxPacketLifeTime;
    this.#open(this.#connection.createDataChannel("hawser", init));
    this.#step("no offer can be made", async () => {
      await this.#tell("offer", await this.#connection.createOffer());
    });
  }

  describe(type: "offer" | "answer", sdp: string): void {
    this.#step(`the ${type} of the other side cannot be used`, async () => {
      await this.#connection.setRemoteDescription({ type, sdp });
      if (type === "offer") await this.#tell("answer", await this.#connection.createAnswer());
    });
  }

  addCandidate(candidate: string, sdpMid: string): void {
    this.#step("", async () => {
      // A wrong one is one way less to reach the other side.
      await this.#connection.addIceCandidate({ candidate, sdpMid }).catch(() => {});
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  #step(failing: string, action: () => Promise<void>): void {
    this.#steps = this.#steps.then(async () => {
      try {
        if (!this.#closed) await action();
      } catch (cause) {
        if (!this.#closed) this.#handler.onFailed(`${failing} (${(cause as Error).message})`);
      }
    });
  }

  async #tell(type: "offer" | "answer", description: Description): Promise<void> {
    await this.#connection.setLocalDescription(description);
    const sdp = this.#connection.localDescription?.sdp ?? description.sdp ?? "";
    if (!this.#closed) this.#handler.onDescription(type, sdp);
  }

  #onCandidate(candidate: WebCandidate | null): void {
    if (this.#closed) return;
    if (candidate === null) {
      if (!this.#isReachable) this.#handler.onUnreachable(this.#trouble);
    } else if (candidate.candidate !== "") {
      this.#isReachable = true;
      this.#handler.onCandidate(candidate.candidate, candidate.sdpMid ?? "0");
    }
  }

  #onState(): void {
    const { connectionState } = this.#connection;
    if (this.#closed || (connectionState !== "failed" && connectionState !== "closed")) return;
    this.#handler.onFailed(`the peer connection is ${connectionState}`);
  }

  #open(channel: WebDataChannel): void {
    channel.binaryType = "arraybuffer";
    const tell = () => {
      if (!this.#closed) this.#handler.onChannel(new WebChannel(channel));
    };
    if (channel.readyState === "open") tell();
    else channel.onopen = tell;
  }
}

class WebChannel implements PeerChannel {
  readonly #channel: WebDataChannel;

  constructor(channel: WebDataChannel) {
    this.#channel = channel;
  }

  get protocol(): string {
    return this.#channel.protocol;
  }

  get bufferedAmount(): number {
    return this.#channel.bufferedAmount;
  }

  set lowThreshold(bytes: number) {
    this.#channel.bufferedAmountLowThreshold = bytes;
  }

  listen(handler: ChannelHandler): void {
    this.#channel.onbufferedamountlow = () => handler.onLow();
    this.#channel.onclose = () => handler.onClosed();
    this.#channel.onmessage = ({ data }) => {
      if (typeof data === "string") handler.onText(data);
      else handler.onBytes(new Uint8Array(data));
    };
  }

  send(message: Uint8Array | string): void {
    this.#channel.send(message);
  }
}
