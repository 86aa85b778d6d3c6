/**
 * Who asked for which events: the patterns of one peer, or of all peers of a server.
 *
 * @module
 */

import { SUBSCRIPTIONS_MAX } from "../topic_limits.ts";
import { SubjectTrie } from "./subject_trie.ts";

/** What became of a wish: it is new; it was there already; there are too many. */
export type InterestOutcome = "added" | "had" | "full";

/** The patterns that peers asked for. What a peer costs is bounded, and gone when the peer is. */
export class Interests<P> {
  readonly #trie: SubjectTrie<P> = new SubjectTrie();
  readonly #patterns: Map<P, Set<string>> = new Map();
  readonly #perPeerMax: number;

  /** `perPeerMax` patterns at once may be one peer's. */
  constructor(perPeerMax: number = SUBSCRIPTIONS_MAX) {
    this.#perPeerMax = perPeerMax;
  }

  /** How many peers asked for anything. */
  get peers(): number {
    return this.#patterns.size;
  }

  /** How many patterns a peer asked for. */
  count(peer: P): number {
    return this.#patterns.get(peer)?.size ?? 0;
  }

  /** A peer asks for a pattern, which must be a good one. */
  add(peer: P, pattern: string): InterestOutcome {
    let patterns = this.#patterns.get(peer);
    if (patterns?.has(pattern)) return "had";
    if ((patterns?.size ?? 0) >= this.#perPeerMax) return "full";
    if (patterns === undefined) this.#patterns.set(peer, patterns = new Set());
    patterns.add(pattern);
    this.#trie.add(pattern, peer);
    return "added";
  }

  /** A peer wants a pattern no more. Returns whether it had asked for it. */
  delete(peer: P, pattern: string): boolean {
    const patterns = this.#patterns.get(peer);
    if (!patterns?.delete(pattern)) return false;
    if (patterns.size === 0) this.#patterns.delete(peer);
    this.#trie.delete(pattern, peer);
    return true;
  }

  /** A peer is gone. */
  deletePeer(peer: P): void {
    for (const pattern of this.#patterns.get(peer) ?? []) this.#trie.delete(pattern, peer);
    this.#patterns.delete(peer);
  }

  /** Whether a peer asked for events of this subject. */
  has(peer: P, subject: string): boolean {
    return this.#patterns.has(peer) && this.#trie.hasMatch(subject, peer);
  }

  /** Each peer once that asked for events of this subject. Do not add or delete while you walk through it. */
  match(subject: string): Iterable<P> {
    return this.#trie.matchOnce(subject);
  }
}
