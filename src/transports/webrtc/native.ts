/**
 * Peer connections on Deno, Bun and Node: node-datachannel, which is loaded when first needed.
 *
 * It was chosen over werift because it is ten times as fast (some 80 MB/s against 5 MB/s over loopback, measured on all
 * three runtimes), speaks the standard API of the native library directly, and brings its binary in the registry, so that
 * no install script has to run. werift needs no native code, and is the one to add where that is forbidden.
 *
 * Its native code works in one isolate of a process: on Deno, a second worker that uses it ends the process (seen with
 * 0.33.4 and Deno 2.9.6).
 *
 * It speaks to TURN servers over UDP only: `turns:` and `transport=tcp` are left out, as are the third and later ones.
 *
 * @module
 */

import type { DataChannel, IceServer, PeerConnection } from "node-datachannel";
import { HawserError } from "../../errors.ts";
import { WEBRTC_ALONE_MS, WEBRTC_MESSAGE_BYTES_MAX } from "../../limits.ts";
import { nextTurn } from "../turn.ts";
import { iceTargets } from "./ice_server.ts";
import type {
  ChannelHandler,
  ChannelInit,
  OpenPeer,
  Peer,
  PeerChannel,
  PeerConfig,
  PeerHandler,
} from "./peer.ts";

type Library = typeof import("node-datachannel");

/**
 * Loads the library.
 * @throws {HawserError} `unsupported` where it is not installed, or has no binary for this system
 */
export async function nativePeers(): Promise<OpenPeer> {
  let library: Library;
  try {
    library = await import("node-datachannel");
  } catch (cause) {
    throw new HawserError(
      "unsupported",
      "webrtc:// needs a package on Deno, Bun and Node: npm install node-datachannel (and Deno needs --allow-ffi)",
      { cause },
    );
  }
  return (config, handler) => new NativePeer(library, config, handler);
}

class NativePeer implements Peer {
  readonly #connection: PeerConnection;
  readonly #handler: PeerHandler;
  #channel: DataChannel | undefined;
  #closed = false;
  // The side that answers begins the DTLS handshake as soon as it reaches the caller; begun before the caller has seen
  // that too, its first word is lost, and said again a whole second later (RFC 6347 §4.2.4.1). So a caller tries by
  // itself first: it tells how to reach it once it has reached the other side, or could not do so for a while.
  #untold: [candidate: string, mid: string][] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(library: Library, config: PeerConfig, handler: PeerHandler) {
    this.#handler = handler;
    this.#connection = new library.PeerConnection("", {
      iceServers: serversOf(config),
      iceTransportPolicy: config.iceTransportPolicy,
      maxMessageSize: WEBRTC_MESSAGE_BYTES_MAX,
    });
    this.#listen(this.#connection);
  }

  offer({ protocol, ordered, maxRetransmits, maxPacketLifeTime }: ChannelInit): void {
    this.#untold = [];
    const limit = maxRetransmits !== undefined
      ? { maxRetransmits }
      : maxPacketLifeTime !== undefined
      ? { maxPacketLifeTime }
      : {};
    const channel = this.#connection.createDataChannel("hawser", { protocol, unordered: !ordered, ...limit });
    this.#channel = channel;
    // A channel that never opens does not end with its connection: without this it would keep the process alive.
    channel.onClosed(() => {});
    channel.onOpen(() => this.#open(channel));
  }

  describe(type: "offer" | "answer", sdp: string): void {
    try {
      this.#connection.setRemoteDescription(sdp, type);
    } catch (cause) {
      return this.#onFailed(`the ${type} of the other side cannot be used (${(cause as Error).message})`);
    }
    if (this.#untold !== undefined) this.#timer = setTimeout(() => this.#tell(), WEBRTC_ALONE_MS);
  }

  addCandidate(candidate: string, mid: string): void {
    try {
      if (!this.#closed) this.#connection.addRemoteCandidate(candidate, mid);
    } catch {
      // One way less to reach the other side.
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#channel?.close();
    this.#connection.close();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    const untold = this.#untold ?? [];
    this.#untold = undefined;
    for (const [candidate, mid] of untold) this.#handler.onCandidate(candidate, mid);
  }

  #listen(connection: PeerConnection): void {
    connection.onLocalDescription((sdp, type) => {
      if (!this.#closed) this.#handler.onDescription(type as "offer" | "answer", sdp);
    });
    connection.onLocalCandidate((candidate, mid) => {
      if (this.#untold !== undefined) this.#untold.push([candidate, mid]);
      else if (!this.#closed) this.#handler.onCandidate(candidate, mid);
    });
    connection.onGatheringStateChange((state) => {
      if (this.#closed || state !== "complete") return;
      // Bun may tell of the candidates later than of this.
      if (!connection.localDescription()?.sdp.includes("a=candidate")) this.#handler.onUnreachable("");
    });
    connection.onStateChange((state) => {
      if (this.#closed || (state !== "failed" && state !== "closed")) return;
      nextTurn(() => this.#onFailed(`the peer connection is ${state}`));
    });
    connection.onIceStateChange((state) => {
      if (!this.#closed && state === "connected") this.#tell();
    });
    connection.onDataChannel((channel) => this.#open(channel));
  }

  #onFailed(reason: string): void {
    if (!this.#closed) this.#handler.onFailed(reason);
  }

  #open(channel: DataChannel): void {
    if (!this.#closed) this.#handler.onChannel(new NativeChannel(channel));
  }
}

class NativeChannel implements PeerChannel {
  readonly protocol: string;
  readonly #channel: DataChannel;
  #waiting = 0;

  constructor(channel: DataChannel) {
    this.#channel = channel;
    this.protocol = channel.getProtocol();
  }

  get bufferedAmount(): number {
    try {
      this.#waiting = this.#channel.bufferedAmount();
    } catch {
      // The channel is gone, with what waited in it.
    }
    return this.#waiting;
  }

  set lowThreshold(bytes: number) {
    if (this.#channel.isOpen()) this.#channel.setBufferedAmountLowThreshold(bytes);
  }

  listen(handler: ChannelHandler): void {
    this.#channel.onBufferedAmountLow(() => handler.onLow());
    // Callbacks of different kinds may overtake each other, and what was said before the end comes before it.
    this.#channel.onClosed(() => nextTurn(() => handler.onClosed()));
    this.#channel.onMessage((message) => {
      if (typeof message === "string") handler.onText(message);
      else handler.onBytes(message instanceof Uint8Array ? message : new Uint8Array(message));
    });
  }

  send(message: Uint8Array | string): void {
    if (typeof message === "string") this.#channel.sendMessage(message);
    else this.#channel.sendMessageBinary(message);
  }
}

function serversOf({ iceServers }: PeerConfig): (string | IceServer)[] {
  return iceTargets(iceServers).filter(({ transport }) => transport === "udp").map((target) => {
    const { scheme, host: hostname, port, username, credential: password } = target;
    if (scheme === "turn") return { hostname, port, username, password, relayType: "TurnUdp" };
    return `stun:${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  });
}
