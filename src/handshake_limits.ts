/**
 * The bounds of handshakes and of the keys that follow from them: each with its reason.
 *
 * @module
 */

/**
 * Datagram links: how long an authentic message may still come after one that was refused. The unanswered message is
 * repeated twice meanwhile, so who only forges, and cannot hold back what is honest, ends nothing.
 */
export const DOUBT_MS = 1_000;

/**
 * Datagram links: so many packets a key seals before its age ends it. Whoever gets none of an epoch cannot follow into the
 * next: with every second packet lost that happens once in 65,536 epochs.
 */
export const EPOCH_PACKETS_MIN = 16;

/** Bytes of early data: beside what INIT needs, and metadata of some size, it fits one datagram of 1,200 bytes. */
export const EARLY_BYTES_MAX = 512;

/** How far the clock of who sends early data may be from that of the listener: honest clocks are nearer, and few INITs fit in. */
export const EARLY_WINDOW_MS = 5_000;

/**
 * INITs with early data that a listener remembers, each for twice the window: some 1,600 a second. It takes about 100 bytes
 * for each, and only from peers that it admitted.
 */
export const EARLY_INITS_MAX = 16_384;

/** Numbers of handshakes that are read from one REFUSAL: as many as the field of a number can tell apart. */
export const REFUSAL_NUMBERS_MAX = 16;
