/**
 * What a handshake pattern of Noise is (§7), and where pre-shared keys go in it.
 *
 * @module
 */

/** One step of a message. */
export type Token = "e" | "s" | "ee" | "es" | "se" | "ss" | "psk" | "e1" | "ekem1";

/** A pattern, ready to be followed. */
export interface Pattern {
  /** Whether the responder knows the initiator's static key beforehand. */
  readonly initiatorKnown: boolean;
  /** Whether the initiator knows the responder's static key beforehand. */
  readonly responderKnown: boolean;
  /** The messages in turn, the initiator's first. */
  readonly messages: readonly (readonly Token[])[];
}

/** Reads the rows of a pattern, as the pages of Noise write them: those before "..." are known beforehand. */
export function parsePattern(rows: readonly string[]): Pattern {
  const border = rows.indexOf("...");
  const known = rows.slice(0, Math.max(border, 0));
  return {
    initiatorKnown: known.includes("-> s"),
    responderKnown: known.includes("<- s"),
    messages: rows.slice(border + 1).map((row) => row.slice("-> ".length).split(", ") as Token[]),
  };
}

/**
 * Puts a pre-shared key in its place (§9.4): 0 before the first message, n at the end of the n-th.
 * Returns `undefined` where the pattern has no such message.
 */
export function addPsk(pattern: Pattern, place: number): Pattern | undefined {
  if (place > pattern.messages.length) return undefined;
  const messages = pattern.messages.map((tokens) => [...tokens]);
  if (place === 0) messages[0].unshift("psk");
  else messages[place - 1].push("psk");
  return { ...pattern, messages };
}

/**
 * Adds a key encapsulation (the extension "hfs" of Noise): the initiator's public key behind its `e`, sealed where a DH
 * follows that, and the answer behind `ee`.
 */
export function addKem(pattern: Pattern): Pattern {
  const messages = pattern.messages.map((tokens) => [...tokens]);
  const [first, second] = messages;
  const behind = first.indexOf("e") + 1;
  first.splice(first[behind] === "es" ? behind + 1 : behind, 0, "e1");
  second.splice(second.indexOf("ee") + 1, 0, "ekem1");
  return { ...pattern, messages };
}
