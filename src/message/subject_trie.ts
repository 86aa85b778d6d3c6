/**
 * Finds who wants an event among many patterns, in time that depends on the subject more than on their number.
 *
 * @module
 */

import { ANY_TOKEN, ANY_TOKENS, SEPARATOR } from "./subjects.ts";

/** One place in the trie: what was read of a pattern so far. Most have one child, or nothing but values. */
class Node<T> {
  literals: Map<string, Node<T>> | undefined;
  any: Node<T> | undefined;
  /** Of patterns that end here. */
  values: Set<T> | undefined;
  /** Of patterns that end here with `>`. */
  rest: Set<T> | undefined;

  get isEmpty(): boolean {
    return this.literals === undefined && this.any === undefined && this.values === undefined &&
      this.rest === undefined;
  }
}

/** Values under patterns. A value may have many patterns, and a pattern many values. Patterns and subjects must be good. */
export class SubjectTrie<T> {
  readonly #root: Node<T> = new Node();
  #size = 0;

  /** How many pairs of a pattern and a value there are. */
  get size(): number {
    return this.#size;
  }

  /** Adds a value. Returns whether it is the first under this pattern. */
  add(pattern: string, value: T): boolean {
    const tokens = pattern.split(SEPARATOR);
    const isOpen = tokens.at(-1) === ANY_TOKENS;
    if (isOpen) tokens.pop();
    let node = this.#root;
    for (const token of tokens) node = childFor(node, token);
    const values = isOpen ? (node.rest ??= new Set()) : (node.values ??= new Set());
    const sizeBefore = values.size;
    values.add(value);
    this.#size += values.size - sizeBefore;
    return sizeBefore === 0;
  }

  /** Takes a value away. Returns whether it was the last under this pattern; `false` if it was not there. */
  delete(pattern: string, value: T): boolean {
    const sizeBefore = this.#size;
    const wasLast = this.#delete(this.#root, pattern.split(SEPARATOR), 0, value);
    return wasLast && this.#size < sizeBefore;
  }

  /** The sets of values under all patterns that match. A value may be in several. The sets are the trie's own. */
  match(subject: string): ReadonlySet<T>[] {
    const found: ReadonlySet<T>[] = [];
    if (this.#size > 0) collect(this.#root, subject.split(SEPARATOR), 0, found);
    return found;
  }

  /** Each value once whose pattern matches. */
  matchOnce(subject: string): Iterable<T> {
    const found = this.match(subject);
    if (found.length <= 1) return found[0] ?? [];
    const all = new Set<T>();
    for (const values of found) for (const value of values) all.add(value);
    return all;
  }

  /** Whether a pattern of this value matches. */
  hasMatch(subject: string, value: T): boolean {
    return this.match(subject).some((values) => values.has(value));
  }

  // Leaves no empty node behind. Returns whether no value is left under the pattern.
  #delete(node: Node<T>, tokens: readonly string[], index: number, value: T): boolean {
    const token = tokens[index];
    if (token === undefined) {
      if (node.values?.delete(value)) this.#size--;
      if (node.values?.size === 0) node.values = undefined;
      return node.values === undefined;
    }
    if (token === ANY_TOKENS) {
      if (node.rest?.delete(value)) this.#size--;
      if (node.rest?.size === 0) node.rest = undefined;
      return node.rest === undefined;
    }
    const child = token === ANY_TOKEN ? node.any : node.literals?.get(token);
    if (child === undefined) return false;
    const wasLast = this.#delete(child, tokens, index + 1, value);
    if (child.isEmpty) {
      if (token === ANY_TOKEN) node.any = undefined;
      else node.literals!.delete(token);
      if (node.literals?.size === 0) node.literals = undefined;
    }
    return wasLast;
  }
}

function childFor<T>(node: Node<T>, token: string): Node<T> {
  if (token === ANY_TOKEN) return node.any ??= new Node();
  const literals = node.literals ??= new Map<string, Node<T>>();
  let child = literals.get(token);
  if (child === undefined) literals.set(token, child = new Node());
  return child;
}

// As deep as a subject has tokens, which is bounded.
function collect<T>(node: Node<T>, tokens: readonly string[], index: number, found: ReadonlySet<T>[]): void {
  if (index === tokens.length) {
    if (node.values !== undefined) found.push(node.values);
    return;
  }
  if (node.rest !== undefined) found.push(node.rest);
  const literal = node.literals?.get(tokens[index]!);
  if (literal !== undefined) collect(literal, tokens, index + 1, found);
  if (node.any !== undefined) collect(node.any, tokens, index + 1, found);
}
