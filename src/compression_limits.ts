/**
 * The bounds of compression.
 *
 * @module
 */

/** The lowest threshold: shorter bodies gain nothing by LZ4, and lose by what a frame of the others has around it. */
export const COMPRESSION_BYTES_MIN = 64;

/**
 * The window of zstd as a power of two: what the largest body of a packet needs. Who sends a frame that wants more
 * would have us reserve memory for nothing.
 */
export const ZSTD_WINDOW_LOG = 17;
