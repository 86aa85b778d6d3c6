/**
 * Every bound of QUIC, HTTP/3 and WebTransport: its name, its default, and the reason for it.
 *
 * @module
 */

/** QUIC: streams that a peer may have open at once beside that of the link: the seeds' default. */
export const QUIC_STREAMS_MAX = 100;

/** QUIC: how long a connection may be silent before it is given up: the seeds' default. */
export const QUIC_IDLE_MS_MAX = 300_000;

/** QUIC: after how much silence a peer is asked for a sign of life: the seeds' default. */
export const QUIC_KEEPALIVE_MS = 30_000;

/** QUIC: what a peer may send on all streams together before it is read: the seeds' default. */
export const QUIC_WINDOW_BYTES: number = 10 * 1024 * 1024;

/** QUIC: what a peer may send on one stream before it is read: the seeds' default. */
export const QUIC_STREAM_WINDOW_BYTES: number = 1024 * 1024;

/** QUIC: how long a handshake may take, up to the stream of the link: what a session may take. */
export const QUIC_HANDSHAKE_MS_MAX = 10_000;

/** QUIC listeners: handshakes under way at once. Beyond, who comes is turned away. */
export const QUIC_HANDSHAKES_MAX = 1_024;

/** QUIC: pieces up to this length are copied behind the head of their chunk; larger ones follow it in a write of their own. */
export const QUIC_JOINED_BYTES_MAX: number = 16 * 1024;

/** QUIC: datagrams on their way to the network from which on further ones are dropped. */
export const QUIC_DATAGRAMS_MAX = 256;

/** HTTP/3: the most bytes of a frame that is kept, and of the fields in it when decoded: what browsers send is below 1 KiB. */
export const HTTP3_FRAME_BYTES_MAX: number = 16 * 1024;

/** HTTP/3: fields of one request or response. */
export const HTTP3_FIELDS_MAX = 128;

/** HTTP/3: bytes of frames without a meaning that one stream may bring: browsers pad with some to keep servers tolerant. */
export const HTTP3_SKIPPED_BYTES_MAX: number = 64 * 1024;

/** HTTP/3: unidirectional streams of a peer: control, two of QPACK, and some without a meaning. */
export const HTTP3_STREAMS_MAX = 8;

/** WebTransport: how long before its certificate ends a listener shows the next one: longer than clocks differ. */
export const WT_CERTIFICATE_OVERLAP_MS: number = 24 * 60 * 60_000;

/** QUIC listeners: connections at once on one socket, before Hawser's own limits apply. */
export const QUIC_CONNECTIONS_MAX = 10_000;

/** QUIC: how long a dial waits before it asks the system whether the port is closed: far more than a handshake nearby takes. */
export const QUIC_PROBE_MS = 100;

/** QUIC on Node, which does not look for the path's own bound: bytes of a packet that nearly every path carries. */
export const QUIC_PACKET_BYTES_MAX = 1_350;

/** QUIC on Node: datagrams in either queue of a connection. */
export const QUIC_DATAGRAM_QUEUE_MAX = 256;
