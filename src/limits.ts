/**
 * Every bound of Hawser: its name, its default, and the reason for it.
 *
 * @module
 */

/** The most bytes of a packet's body: what the header can be trusted with (DESIGN of the packet: 16 MiB). */
export const PACKET_BYTES_MAX: number = 16 * 1024 * 1024;

/**
 * The most bytes of plaintext in one sealed packet that Hawser itself makes. 64 KiB: large enough that the
 * cost per packet vanishes, small enough that an urgent message waits for less than 0.1 ms behind one.
 */
export const BODY_BYTES_MAX: number = 64 * 1024;

/** What a sealed packet adds to its plaintext at most: header 10, session id 8, sequence 8, tag 16. */
export const PACKET_OVERHEAD_MAX: number = 42;

/** Bodies below this many bytes are not worth compressing: the seeds' threshold. */
export const COMPRESSION_THRESHOLD_BYTES: number = 512;
