// The map of the core's memory. Everything has its place here and nowhere else.
//
//   address   bytes     what
//   0x00000     4,096   constants that the compiler places
//   0x01000     4,096   registers: small fixed areas of the algorithms, see below
//   0x02000    16,384   key, nonce and associated data of the next one-shot call, from the host
//   0x06000     8,192   free
//   0x08000    32,768   LZ4 hash tables
//   0x10000    66,048   plaintext   a body is composed here, before it is sealed
//   0x20200    66,048   sealed      a whole packet, header included, leaves from here
//   0x30400    66,048   opened      what an opened packet said
//   0x40600    73,984   work        text or block on its way between two of the others
//   0x52700    73,984   output      what calls of the host make: LZ4 blocks, opened texts
//   0x64800   262,400   incoming    what a link delivered, in any split
//   0xa4c00             slots of 1 KiB: one per lane half and per incomplete message;
//                       grown by whole pages, free slots are kept in a list by the host
//
// Every arena ends in `SLACK` bytes that belong to nobody, so that a copy of
// whole vectors may run past the end of the data without a check per byte.

/** Bytes behind each arena that a wide copy may touch. */
export const SLACK: u32 = 256;

/** The most plaintext bytes of one sealed packet; `BODY_BYTES_MAX` of src/limits.ts. */
export const BODY_BYTES_MAX: u32 = 65536 + 256;

/** What a sealed packet adds at most: header 10, session id 8, sequence 8, tag 16. */
export const PACKET_OVERHEAD_MAX: u32 = 42;

/** Room for the largest incompressible LZ4 block of `BODY_BYTES_MAX` bytes, and more. */
export const WORK_BYTES: u32 = 65536 + 8192;

/** What one reader may have in the arena at once: several packets of the largest size. */
export const INCOMING_BYTES: u32 = 262144;

/** One lane half, or one incomplete message. */
export const SLOT_BYTES: u32 = 1024;

// Registers.

/** 64 bytes: what the last call reports to the host. */
export const REPORT: usize = 0x1000;
/** 64 bytes: the input words of ChaCha20. */
export const CHACHA_STATE: usize = 0x1080;
/** 128 bytes: accumulator, factors and pad of Poly1305. */
export const POLY_STATE: usize = 0x1100;
/** The four limbs of the accumulator, eight bytes each. */
export const POLY_H: usize = POLY_STATE;
/** The nine factors made of r, eight bytes each. */
export const POLY_R: usize = POLY_STATE + 32;
/** The second half of the one-time key. */
export const POLY_PAD: usize = POLY_STATE + 104;
/** 64 bytes: a last, partial block, padded with zeros. */
export const PARTIAL: usize = 0x1180;
/** 64 bytes: a computed tag. */
export const TAG: usize = 0x11c0;
/** 512 bytes: key stream that is kept between two steps. */
export const KEYSTREAM: usize = 0x1200;
/** 512 bytes: the words of eight blocks before they are put in order. */
export const CHACHA_WORDS: usize = 0x1400;
/** 528 bytes: a lookahead that is kept if the packet proves authentic. */
export const AHEAD: usize = 0x1600;
/** From CHACHA_STATE to here: what must not be left behind. */
export const SECRETS: usize = CHACHA_STATE;
export const SECRETS_BYTES: usize = AHEAD + 528 - SECRETS;
/** 512 bytes that are never written. */
export const ZEROS: usize = 0x1880;
/** 256 bytes: how often each byte value was in the sample of the entropy probe. */
export const PROBE_COUNTS: usize = 0x1a80;
/** 1,024 bytes: the gaps of a message that a fragment filled. */
export const GAPS: usize = 0x1b80;

// What the host gives to the next call, copied in one piece. The key is wiped by the call.

/** 32 bytes. */
export const KEY: usize = 0x2000;
/** 24 bytes, of which the shorter nonce takes 12. */
export const NONCE: usize = 0x2020;
/** Associated data of a call that seals or opens a whole text. */
export const AAD: usize = 0x2038;
/** Longer associated data goes through the work arena. */
export const AAD_BYTES: u32 = 16384 - 56;

// Tables and arenas.

/** 32 KiB for the hash tables of LZ4. */
export const LZ4_TABLE: usize = 0x8000;
export const PLAINTEXT: usize = 0x10000;
export const SEALED: usize = PLAINTEXT + BODY_BYTES_MAX + SLACK;
export const OPENED: usize = SEALED + BODY_BYTES_MAX + SLACK;
export const WORK: usize = OPENED + BODY_BYTES_MAX + SLACK;
export const OUTPUT: usize = WORK + WORK_BYTES + SLACK;
export const INCOMING: usize = OUTPUT + WORK_BYTES + SLACK;
/** Where the slots begin, on a border of their size. */
export const SLOTS: usize = (INCOMING + INCOMING_BYTES + SLACK + SLOT_BYTES - 1) & ~(SLOT_BYTES - 1);
