/**
 * Says which rule a block or a chain of blocks breaks.
 *
 * What costs least is looked at first: a signature is verified only where all else holds.
 *
 * @module
 */

import {
  BLOCK_AGE_MS_MAX,
  BLOCK_FUTURE_MS_MAX,
  BLOCK_PAYLOAD_BYTES_MAX,
  BLOCK_REORGANISATION_MAX,
} from "../../block_limits.ts";
import { type Block, BLOCK_VERSION, signedText } from "./block.ts";
import { blockHash } from "./create.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { sha256 } from "./sha256.ts";

/** What a block can break. */
export type BlockRule =
  /** Its major version is not ours. */
  | "version"
  /** Its payload is at most 16 MiB. */
  | "payload-size"
  /** Its index is one more than that of the block before; the first has 0. */
  | "index"
  /** It names the hash of the block before; the first names zeros. */
  | "previous-hash"
  /** It is not dated before the block before. */
  | "timestamp"
  /** It is not dated further ahead of our clock than clocks are wrong. */
  | "future"
  /** It is not older than a new block may be. */
  | "age"
  /** It names the hash of its payload. */
  | "payload-hash"
  /** It is signed by one who may sign. */
  | "signer"
  /** Its signature is one of its key over its header and payload. */
  | "signature"
  /** It replaces no more blocks than a chain may lose. */
  | "reorganisation";

/** Which rule is broken, and by which block. */
export interface BlockFault {
  /** The rule. */
  readonly rule: BlockRule;
  /** Where the block stands among those that were given, from 0. */
  readonly at: number;
  /** What is wrong with it, for people. */
  readonly message: string;
}

/** What a block is held against beside itself. */
export interface BlockCheckOptions {
  /** The time, in milliseconds since 1970 (`Date.now()`): then the rules `future` and, for new blocks, `age` count. */
  readonly nowMs?: number;
  /** How far ahead of `nowMs` it may be. Default 300,000. */
  readonly futureMsMax?: number;
  /** How old it may be. Default 86,400,000 for a new block, no bound for a chain. */
  readonly ageMsMax?: number;
  /** Decides by the public key who may sign. Default: anybody. */
  readonly maySign?: (publicKey: Uint8Array) => boolean;
}

/** What a chain is held against. */
export interface ChainCheckOptions extends BlockCheckOptions {
  /** The block that the first one follows; without it, the first one must be the first of all. */
  readonly after?: Block;
}

/** What one chain is held against that wants to replace another. */
export interface ReplacementOptions extends BlockCheckOptions {
  /** How many blocks may be replaced. Default 100. */
  readonly blocksMax?: number;
}

/**
 * The rule that a new block breaks by itself; `undefined` if none. Whether it follows another is for
 * {@linkcode checkChain}.
 *
 * @example
 * ```ts
 * import { blockSigner, checkBlock, createBlock } from "@hawser/hawser/blocks";
 *
 * const signer = blockSigner(crypto.getRandomValues(new Uint8Array(32)));
 * const block = createBlock({ signer, payload: new Uint8Array([1]), nowMs: Date.now() });
 * console.log(checkBlock(block, { nowMs: Date.now() })); // undefined
 * console.log(checkBlock({ ...block, payload: new Uint8Array([2]) })?.rule); // payload-hash
 * ```
 */
export function checkBlock(block: Block, options: BlockCheckOptions = {}): BlockFault | undefined {
  const { ageMsMax = BLOCK_AGE_MS_MAX } = options;
  return checkForm(block, 0) ?? checkTime(block, 0, { ...options, ageMsMax }) ??
    checkProof(block, 0, options);
}

/**
 * The first rule that a chain of blocks breaks, and where; `undefined` if none.
 */
export function checkChain(blocks: Iterable<Block>, options: ChainCheckOptions = {}): BlockFault | undefined {
  let before = options.after;
  let at = 0;
  for (const block of blocks) {
    const fault = checkForm(block, at) ?? checkPlace(block, at, before) ?? checkTime(block, at, options) ??
      checkProof(block, at, options);
    if (fault !== undefined) return fault;
    before = block;
    at++;
  }
  return undefined;
}

/**
 * The rule that keeps `theirs` from taking the place of `ours`, both whole chains from their first block on;
 * `undefined` if none. What the two have in common is not checked again. Which of two good chains is the better one is
 * for the application to say.
 */
export function checkReplacement(
  ours: readonly Block[],
  theirs: readonly Block[],
  options: ReplacementOptions = {},
): BlockFault | undefined {
  const { blocksMax = BLOCK_REORGANISATION_MAX } = options;
  let common = 0;
  while (common < ours.length && common < theirs.length && isSame(ours[common], theirs[common])) common++;
  const replaced = ours.length - common;
  if (replaced > blocksMax) {
    return fault("reorganisation", common, `${replaced} blocks would be replaced; the limit is ${blocksMax}`);
  }
  const found = checkChain(theirs.slice(common), { ...options, after: theirs[common - 1] });
  return found === undefined ? undefined : { ...found, at: found.at + common };
}

// A version whose two bytes are alike reads the same in both byte orders, and so might all that was signed with it.
function checkForm({ version, payload }: Block, at: number): BlockFault | undefined {
  const [major, minor] = [version >>> 8, version & 0xff];
  if (major !== BLOCK_VERSION >>> 8 || major === minor) {
    return fault("version", at, `its version is ${major}.${minor}, and versions 1.x but 1.1 are known`);
  }
  if (payload.length > BLOCK_PAYLOAD_BYTES_MAX) {
    return fault(
      "payload-size",
      at,
      `its payload has ${payload.length} bytes; the limit is ${BLOCK_PAYLOAD_BYTES_MAX}`,
    );
  }
  return undefined;
}

function checkPlace(block: Block, at: number, before: Block | undefined): BlockFault | undefined {
  const index = before === undefined ? 0 : before.index + 1;
  if (block.index !== index) {
    return fault("index", at, `its index is ${block.index}, and ${index} is its place`);
  }
  if (before === undefined) {
    const isFirst = block.previousHash.every((byte) => byte === 0);
    return isFirst ? undefined : fault("previous-hash", at, "it is the first, and names one before it");
  }
  if (block.byteOrder !== before.byteOrder || !isEqual(block.previousHash, blockHash(before))) {
    return fault("previous-hash", at, "the block before it is not the one that it names");
  }
  if (block.timestamp < before.timestamp) {
    return fault(
      "timestamp",
      at,
      `it is dated ${before.timestamp - block.timestamp} s before the block before it`,
    );
  }
  return undefined;
}

function checkTime(block: Block, at: number, options: BlockCheckOptions): BlockFault | undefined {
  const { nowMs, futureMsMax = BLOCK_FUTURE_MS_MAX, ageMsMax = Infinity } = options;
  if (nowMs === undefined) return undefined;
  const ageMs = nowMs - block.timestamp * 1_000;
  if (-ageMs > futureMsMax) {
    return fault("future", at, `it is dated ${-ageMs} ms ahead; the limit is ${futureMsMax}`);
  }
  return ageMs > ageMsMax ? fault("age", at, `it is ${ageMs} ms old; the limit is ${ageMsMax}`) : undefined;
}

function checkProof(block: Block, at: number, { maySign }: BlockCheckOptions): BlockFault | undefined {
  const { payload, payloadHash, publicKey, signature, byteOrder } = block;
  if (!isEqual(payloadHash, sha256(payload))) {
    return fault("payload-hash", at, "its payload is not the one whose hash it names");
  }
  if (maySign !== undefined && !maySign(publicKey)) {
    return fault("signer", at, "it is signed by a key that may not sign");
  }
  if (!verifyEd25519(publicKey, signedText(block, payload, byteOrder), signature)) {
    return fault("signature", at, "its signature is not one of its key");
  }
  return undefined;
}

function fault(rule: BlockRule, at: number, message: string): BlockFault {
  return { rule, at, message: `block ${at}: ${message}` };
}

// What is hashed holds all of a block.
function isSame(one: Block, other: Block): boolean {
  return one === other || (one.byteOrder === other.byteOrder && isEqual(blockHash(one), blockHash(other)));
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
