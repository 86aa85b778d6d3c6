/**
 * Every bound of Hawser: its name, its default, and the reason for it.
 *
 * @module
 */

import { RESUME_LIMITS, type ResumeLimits } from "./resume_limits.ts";
import { STREAM_LIMITS, type StreamLimits } from "./stream_limits.ts";

/** The most bytes of a packet's body: what the header can be trusted with (DESIGN of the packet: 16 MiB). */
export const PACKET_BYTES_MAX: number = 16 * 1024 * 1024;

/**
 * The most bytes of plaintext in one sealed packet that Hawser itself makes. 64 KiB, and room for the frames
 * around a message of that size: large enough that the cost per packet vanishes, small enough that an urgent
 * message waits for less than 0.1 ms behind one.
 */
export const BODY_BYTES_MAX: number = 64 * 1024 + 256;

/** What a sealed packet adds to its plaintext at most: header 10, session id 8, sequence 8, tag 16. */
export const PACKET_OVERHEAD_MAX: number = 42;

/** Names and versions in one hello: far more than there will be, and too few to be a burden. */
export const HELLO_CAPABILITIES_MAX = 64;

/** Bytes of metadata in one hello: it must fit into one datagram with the rest of the handshake. */
export const HELLO_METADATA_BYTES_MAX = 768;

/** The bounds of one session. Times are milliseconds, sizes bytes. */
export interface SessionLimits extends StreamLimits, ResumeLimits {
  /** From the first byte to the end of the handshake, whatever happens between. */
  readonly handshakeMsMax: number;
  /** How long a peer may be silent before it is asked whether it is there. */
  readonly keepaliveMs: number;
  /** How many such intervals of silence prove it dead. */
  readonly silentIntervalsMax: number;
  /** How long an orderly close may take before it becomes an abrupt one. */
  readonly closeMsMax: number;
  /** How long queued messages may wait without one byte leaving. */
  readonly writeMsMax: number;
  /** The largest message, in and out. */
  readonly messageBytesMax: number;
  /** Ordered links: what the peer may send before our application has taken it. */
  readonly windowBytes: number;
  /** Datagram links: the same. */
  readonly datagramWindowBytes: number;
  /** `send` returns `false` from here on. */
  readonly sendQueueBytesHigh: number;
  /** `send` throws from here on. */
  readonly sendQueueBytesMax: number;
  /** Messages of a peer that are incomplete at once: 16 at least, as many as a sender sends in parts side by side. */
  readonly reassemblyMessagesMax: number;
  /** Bytes reserved for them: twice the largest message at least, and by default where that is more. */
  readonly reassemblyBytesMax: number;
  /** Separate runs of bytes within one of them. */
  readonly reassemblyRunsMax: number;
  /** Datagram links: how long one of them may stay incomplete. */
  readonly reassemblyMsMax: number;
  /** Packets under one key. */
  readonly rekeyPacketsMax: number;
  /** Bytes under one key. */
  readonly rekeyBytesMax: number;
  /** How long one key is used, if anything is sent. */
  readonly rekeyMsMax: number;
  /** Datagram links: how long the key before is kept for late packets. */
  readonly lateKeyMsMax: number;
  /** Packets that may fail to open before the session ends. */
  readonly openFailuresMax: number;
  /** Bodies of packets below this are not compressed. */
  readonly compressionBytesMin: number;
}

/** The defaults of {@linkcode SessionLimits}, each with its reason. */
export const SESSION_LIMITS: SessionLimits = {
  // Three round trips and several losses fit; a slowloris does not.
  handshakeMsMax: 10_000,
  // Four silent intervals make 10 s: a dead peer is noticed before a person gives up.
  keepaliveMs: 2_500,
  silentIntervalsMax: 4,
  closeMsMax: 5_000,
  // A reader may be slow for as long as it answers pings. Set this where a stalled reader must not hold a sender.
  writeMsMax: Infinity,
  messageBytesMax: 16 * 1024 * 1024,
  // One round trip of 20 ms at 100 MB/s.
  windowBytes: 2 * 1024 * 1024,
  // Linux's default receive buffer holds 212,992 bytes, book-keeping included, and gives back room only by quarters.
  datagramWindowBytes: 128 * 1024,
  sendQueueBytesHigh: 1024 * 1024,
  // Four of the largest messages.
  sendQueueBytesMax: 64 * 1024 * 1024,
  reassemblyMessagesMax: 64,
  // Two of the largest messages.
  reassemblyBytesMax: 32 * 1024 * 1024,
  // More gaps than that in one message are loss that no reordering explains.
  reassemblyRunsMax: 120,
  reassemblyMsMax: 5_000,
  // Far below the 2^32 of an epoch, and below every bound for ChaCha20-Poly1305 (RFC 9001 §6.6).
  rekeyPacketsMax: 2 ** 28,
  rekeyBytesMax: 2 ** 36,
  // As often as a hostile reader of memory might come back.
  rekeyMsMax: 15 * 60_000,
  // Longer than packets are late (RFC 9001 §6.5: three probe timeouts).
  lateKeyMsMax: 3_000,
  // RFC 9001 §6.6: the integrity limit of ChaCha20-Poly1305.
  openFailuresMax: 2 ** 36,
  // Below that it costs more time than it spares on any network.
  compressionBytesMin: 512,
  ...STREAM_LIMITS,
  ...RESUME_LIMITS,
};

/** What a MESSAGE or FRAGMENT counts against the window beside its bytes: the book-keeping it causes. */
export const FRAME_COST_BYTES = 64;

/** What a datagram counts against the window beside its frames: the kernel's book-keeping for it. */
export const DATAGRAM_COST_BYTES = 768;

/** The smallest window: one full packet must fit, or nothing would ever move. */
export const WINDOW_BYTES_MIN: number = 2 * BODY_BYTES_MAX;

/** Datagram links: the smallest window. */
export const DATAGRAM_WINDOW_BYTES_MIN: number = 16 * 1024;

/** Bytes of the reason given when closing: what a WebSocket close frame holds (RFC 6455 §5.5). */
export const CLOSE_REASON_BYTES_MAX = 123;

/** The first INIT over a datagram link is this long, so that an answer of three times its size fits any hello. */
export const INIT_BYTES_MIN = 500;

/** Datagram links: when an unanswered handshake packet is sent again first; it doubles from there. */
export const HANDSHAKE_RETRANSMIT_MS = 250;

/** Cookies that an initiator follows in one handshake: a responder needs one, or two where its secret changes. */
export const RETRIES_MAX = 3;

/** Datagram links: how long a used-up window is waited on before the peer is asked to say it again. */
export const BLOCKED_PROBE_MS = 50;

/** UDP: what every IPv4 host must take is 576 bytes whole (RFC 791 §3.1); less headers and tunnels, 512. */
export const UDP_MTU_MIN = 512;

/** UDP: an Ethernet frame of 1,500 bytes less the headers of IPv4 (20) and UDP (8): nothing is fragmented. */
export const UDP_MTU_DEFAULT = 1_472;

/** UDP: a jumbo frame of 9,000 bytes less the same headers, for data centres that have them. */
export const UDP_MTU_JUMBO = 8_972;

/** UDP: an IPv4 packet of 65,535 bytes less the same headers; over most networks it travels in fragments. */
export const UDP_MTU_MAX = 65_507;

/**
 * UDP: datagrams of one socket that may be on their way to the kernel before `send` returns `false`, and that
 * may leave in one turn of the event loop. libuv takes as many from a socket in one turn: a sender and a
 * receiver on one event loop keep step.
 */
export const UDP_SEND_HIGH = 32;

/** UDP: datagrams on their way to the kernel from which on further ones are dropped: 1.5 MB of full ones. */
export const UDP_SEND_MAX = 1_024;

/** UDP: datagrams kept for a link whose user has not called `start` yet; later ones are dropped. */
export const UDP_EARLY_MAX = 64;

/** UDP: senders whose address a listener remembers in text, so that a packet allocates none. A power of two. */
export const UDP_SOURCES_MAX = 1_024;

/** UDP: errors of the operating system in a row, with nothing received between, that end a socket. */
export const UDP_ERRORS_MAX = 16;

/** Datagram links: how many times the bytes of an unproved address may be sent back to it (RFC 9000 §8.1). */
export const AMPLIFICATION_MAX = 3;

/** The most characters of an address: what browsers and proxies accept of a URL. */
export const ADDRESS_CHARS_MAX = 2_048;

/**
 * A link's own queue above this many bytes makes `send` return `false`. 256 KiB: four full packets, enough to
 * keep a socket busy while the sender is told to go on, and at 500 MB/s only half a millisecond of waiting.
 */
export const LINK_HIGH_WATER_BYTES = 256 * 1024;

/** A link's queue at or below this many bytes asks for more. A quarter of the high mark, so that the two do not flutter. */
export const LINK_LOW_WATER_BYTES = 64 * 1024;

/**
 * A link's queue above this many bytes ends the link with `backpressure`: its user kept sending although `send`
 * returned `false`. Four of the largest packets.
 */
export const LINK_QUEUE_BYTES_MAX = 64 * 1024 * 1024;

/** Bytes that a link keeps for a handler that has not been given yet, where the runtime cannot be told to wait. */
export const LINK_EARLY_BYTES_MAX = 1024 * 1024;

/** Small pieces waiting in a link's queue are joined to writes of up to this many bytes; larger ones go as they are. */
export const LINK_JOIN_BYTES_MAX = 64 * 1024;

/** Buffers for such joins that wait for the next link that needs one: as many as write at once on a busy turn. */
export const LINK_JOIN_SPARES_MAX = 16;

/** The read buffer of a stream link with little to read: idle links are many, and must be small. */
export const LINK_READ_BYTES_MIN = 512;

/** The largest read buffer of a stream link, for one that keeps filling smaller ones: fewer, larger reads. */
export const LINK_READ_BYTES_MAX = 256 * 1024;

/** How much larger the next read buffer is than one that was filled: two steps lead from the smallest to the largest. */
export const LINK_READ_GROWTH = 32;

/** So many reads in a row that would have fitted the smallest buffer make a link go back to it. */
export const LINK_READS_SMALL_MAX = 16;

/** How long `close` waits for a peer that does not read what was accepted, or does not end its side. */
export const LINK_CLOSE_MS_MAX = 3_000;

/**
 * WebSocket: closes one whose session is lost although the peer did nothing wrong. 1012, "service restart", in the range
 * where every end says `retryable`.
 */
export const LINK_CLOSE_AGAIN = 3012;

/** What it costs a link to keep one waiting message, beside its bytes, so that empty messages are bounded too. */
export const LINK_MESSAGE_BYTES = 64;

/** One allocation for many small packets and messages on their way out. */
export const SLAB_BYTES: number = 64 * 1024;

/** Rooms for large packets that are kept for the next: 4 MiB. */
export const PACKET_SPARES_MAX = 64;

/** Of what arrived at once, the application gets the first so many bytes before the next are opened. */
export const RECEIVE_TURN_BYTES: number = 32 * 1024;

/**
 * One allocation for many small messages that came in, of which an application may keep one and so keeps all: less
 * than for those on their way out.
 */
export const RECEIVED_SLAB_BYTES: number = 16 * 1024;

/** Links in memory: after this many deliveries in microtasks, one lets timers and sockets go first. */
export const MEM_DELIVERIES_MAX = 256;

/**
 * Datagram lanes: how far behind the newest packet a late one may be. 33 blocks of 64 (RFC 6479): over 2,048, and
 * the window of two epochs still fits into one slot of the core.
 */
export const REPLAY_WINDOW_PACKETS = 2_112;

/** Separate runs of bytes within one incomplete message: as many as one slot of the core holds. */
export const REASSEMBLY_RUNS_MAX = 126;

/** Finished messages whose late fragments a reassembler still recognises: a few round trips of a fast network. */
export const REASSEMBLY_FINISHED_MAX = 1_024;

/** Open connections that wait for the application to take them: more than a busy turn of the event loop brings. */
export const ACCEPT_QUEUE_MAX = 1_024;

/** The bounds of a datagram listener's admission. Times are milliseconds. */
export interface AdmissionLimits {
  /** Half-open handshakes. */
  readonly halfOpenMax: number;
  /** Half-open handshakes of one IPv4 address or IPv6 network of 64 bits, from which on it must prove itself. */
  readonly halfOpenPerAddressMax: number;
  /** The share of `halfOpenMax` from which on cookies are asked for, 0 to 1. */
  readonly cookieLoad: number;
  /** From the INIT to the end of the handshake, whatever happens between. */
  readonly handshakeMsMax: number;
  /** How long a cookie is good at most; it is good for half of that at least. */
  readonly cookieMsMax: number;
}

/** The defaults of {@linkcode AdmissionLimits}, each with its reason. */
export const ADMISSION_LIMITS: AdmissionLimits = {
  // 5,000 new connections a second with round trips of 200 ms; a half-open session costs some kilobytes.
  halfOpenMax: 1_024,
  // An office behind one address that comes back after an outage; more of them need a cookie, and get in.
  halfOpenPerAddressMax: 64,
  // A quarter of the table is for those who are spared the cookie's round trip; the rest is for proved addresses.
  cookieLoad: 0.25,
  handshakeMsMax: SESSION_LIMITS.handshakeMsMax,
  // Answering takes one round trip: half of this is far more.
  cookieMsMax: 10_000,
};

/** Ports: dials that wait, per name, for a listener that has not come yet. */
export const PORT_DIALS_HELD_MAX = 64;

/** Ports: the receiver says what it has taken whenever it is this much: half of what the sender waits for. */
export const PORT_TAKEN_BYTES: number = LINK_LOW_WATER_BYTES / 2;

/** Ports: from here on a transfer costs less than the runtime's copy; below it costs a third more (measured). */
export const PORT_TRANSFER_BYTES_MIN: number = 16 * 1024;

/** Shared memory: the bytes of one ring: what a link's queue holds before it says stop, within reach of a cache. */
export const SHM_RING_BYTES: number = LINK_HIGH_WATER_BYTES;

/** Shared memory: the largest message: one packet of the largest kind. */
export const SHM_MESSAGE_BYTES_MAX: number = PACKET_BYTES_MAX + PACKET_OVERHEAD_MAX;

/** Shared memory: how long a process that dialled may take to map what it was invited to. */
export const SHM_GREETING_MS_MAX = 3_000;

/** Shared memory: how often a ring is emptied before timers and sockets go first. */
export const SHM_BATCHES_MAX = 8;

/** Unix sockets: the bytes of a path on Linux, whose `sun_path` holds 108 with the zero at its end (unix(7)). */
export const UNIX_PATH_BYTES_MAX = 107;

/** Unix sockets: the same on macOS and the BSDs, whose `sun_path` holds 104. */
export const UNIX_PATH_BYTES_MAX_BSD = 103;

/** Named pipes of Windows: the characters of a name, `\\.\pipe\` included (CreateNamedPipe). */
export const PIPE_NAME_CHARS_MAX = 256;

/** Unix sockets: how often a listener tries to take a path that others give up and take meanwhile. */
export const UNIX_CLAIMS_MAX = 8;

/** WebSocket: the largest message taken from the peer by default: one packet of the largest kind. */
export const WS_MESSAGE_BYTES_MAX = PACKET_BYTES_MAX + PACKET_OVERHEAD_MAX;

/** WebSocket: how long a dial that failed without a reason looks for one. */
export const WS_PROBE_MS_MAX = 1_000;

/** WebSocket listeners: how long a client may take to send the head of its request. */
export const WS_UPGRADE_MS_MAX = 10_000;

/** Listeners of `wss://`: clients whose TLS is done and whose request is awaited; each costs some 50 KB. */
export const WS_UPGRADES_MAX = 1_024;

/**
 * WebSockets of the web's kind do not tell when they have room, so it is asked for: first this many times once per
 * turn, because a reading peer makes room within a few turns, then after 1, 2, 3... milliseconds.
 */
export const WS_POLLS_FAST = 64;

/** The longest pause between two such questions: what a drain may come too late. */
export const WS_POLL_MS_MAX = 10;

/** The most bytes of a Noise message, in the handshake and after it: what Noise §3 fixes. */
export const NOISE_MESSAGE_BYTES_MAX = 65_535;

/** The largest message that `limits.messageBytesMax` may allow: its length fits four bytes of a varint. */
export const MESSAGE_BYTES_MAX: number = 2 ** 30 - 1;

/** The largest window that may be set: 2^40 bytes, far below the 2^53 to which offsets count exactly. */
export const WINDOW_BYTES_MAX: number = 2 ** 40;

/** The most incomplete messages that may be allowed: each takes a slot of 1 KiB in the core. */
export const REASSEMBLY_MESSAGES_MAX = 4_096;

/** TLS listeners: how long a client may take for the handshake, whatever happens between: what a session may take. */
export const TLS_HANDSHAKE_MS_MAX = 10_000;

/** TLS listeners: how long the alert that tells a client why it is refused may take to leave. */
export const TLS_ALERT_MS_MAX = 1_000;

/** TLS listeners: handshakes under way at once; each costs some 50 KB. Beyond, who comes is turned away. */
export const TLS_HANDSHAKES_MAX = 1_024;

/** Development certificates: how long before now they begin, because the clocks of two machines differ. */
export const CERTIFICATE_AGE_MS: number = 60 * 60_000;

/** Development certificates: how long they live. WebTransport pins nothing that lives longer than 14 days. */
export const CERTIFICATE_LIFE_MS: number = 13 * 24 * 60 * 60_000;

/** WebRTC: the most bytes of one message of a data channel: what every implementation takes (RFC 8831 §6.6 and Chromium). */
export const WEBRTC_MESSAGE_BYTES_MAX: number = 16 * 1024;

/** WebRTC: bytes of one datagram by default: one packet of SCTP in one of IPv6's 1,280, less all headers between. */
export const WEBRTC_MTU_DEFAULT = 1_152;

/** WebRTC: from the first signal to the open channel, whatever happens between: relays that are far away answer in time. */
export const WEBRTC_OPEN_MS_MAX = 15_000;

/** WebRTC: how long a caller tries to reach the other side before that may try to reach the caller: a round trip, mostly. */
export const WEBRTC_ALONE_MS = 200;

/** WebRTC listeners: calls that are being answered at once. Each holds a socket and some 100 KiB. */
export const WEBRTC_CALLS_MAX = 128;

/** WebRTC: candidates taken from the peer in one call: every interface, over every server. */
export const WEBRTC_CANDIDATES_MAX = 64;

/** Signalling: the most characters of a name. */
export const SIGNALLING_NAME_CHARS_MAX = 64;

/** Signalling: the most characters of one message; a description without media has some 1,000. */
export const SIGNALLING_MESSAGE_CHARS_MAX: number = 16 * 1024;

/** Signalling endpoints: names that are taken at once. Each is a WebSocket. */
export const SIGNALLING_NAMES_MAX = 10_000;

/** Signalling endpoints: bytes that wait for a peer that does not read, before it loses its name. */
export const SIGNALLING_WAITING_BYTES_MAX: number = 1024 * 1024;

/** Signalling: how long an endpoint may take to give a name. */
export const SIGNALLING_JOIN_MS_MAX = 10_000;

/** Signalling: how often an endpoint is asked whether it is there: more often than proxies give up (usually 60 s). */
export const SIGNALLING_PING_MS = 25_000;
