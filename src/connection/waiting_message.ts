/**
 * A typed message on its way into the hands of the application.
 *
 * @module
 */

import { KIND_ACK, type ReceivedEnvelope } from "../message/envelope.ts";
import { isThenable } from "../thenable.ts";
import type { Messenger } from "./messenger.ts";

/** One that nobody has taken yet, and what it counts against the window. */
export interface WaitingMessage {
  readonly envelope: ReceivedEnvelope;
  readonly bytes: number;
}

/** Tells the peer that it was taken, if it wants to know. */
export function acknowledge(messenger: Messenger, { id, isAckWanted }: ReceivedEnvelope): void {
  if (isAckWanted) messenger.trySend({ kind: KIND_ACK, id });
}

/**
 * Calls `handler`, and acknowledges when it is done, or calls `onFailed`. Returns whether it goes on with it: then it is
 * released at its end.
 */
export function hand(
  messenger: Messenger,
  { envelope, bytes }: WaitingMessage,
  handler: (envelope: ReceivedEnvelope) => unknown,
  onFailed: (envelope: ReceivedEnvelope, error: unknown) => void,
): boolean {
  let result: unknown;
  try {
    result = handler(envelope);
  } catch (error) {
    onFailed(envelope, error);
    return false;
  }
  if (!isThenable(result)) {
    acknowledge(messenger, envelope);
    return false;
  }
  result.then(
    () => acknowledge(messenger, envelope),
    (error) => onFailed(envelope, error),
  ).then(() => messenger.release(bytes));
  return true;
}
