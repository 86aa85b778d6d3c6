/**
 * One stream: its two halves, and what belongs to both.
 *
 * @module
 */

import type { HawserError } from "../../errors.ts";
import type { StreamCarrier } from "./carrier.ts";
import type { ReceiveStream } from "./receive_stream.ts";
import type { SendStream } from "./send_stream.ts";

/** An ordered flow of bytes each way. */
export class SessionStream {
  /** Unique in the session: even where the initiator opened it, odd where the responder did. */
  readonly id: number;
  /** What the side that opened it calls it. */
  readonly name: string;
  /** What we send. */
  readonly outgoing: SendStream;
  /** What comes. */
  readonly incoming: ReceiveStream;
  /** What carries it; `undefined` for the main lane. */
  readonly carrier: StreamCarrier | undefined;
  /** Whether our application has it: it opened the stream, or took it. */
  isAccepted: boolean;
  /** Whether `takeNews` will hand it out. */
  hasNews = false;

  /** Both halves are new. */
  constructor(
    name: string,
    outgoing: SendStream,
    incoming: ReceiveStream,
    isAccepted: boolean,
    carrier: StreamCarrier | undefined,
  ) {
    this.id = outgoing.id;
    this.name = name;
    this.outgoing = outgoing;
    this.incoming = incoming;
    this.isAccepted = isAccepted;
    this.carrier = carrier;
  }

  /** From 0 to 255, as the side that opened it said. */
  get priority(): number {
    return this.outgoing.priority;
  }

  /** Whether nothing moves any more, in either direction. */
  get isFinished(): boolean {
    return this.outgoing.isFinished && this.incoming.isFinished;
  }

  /** Gives up both directions. */
  abort(code: number): void {
    this.outgoing.reset(code);
    this.incoming.stop(code);
  }

  /** The session is over. */
  handleClosed(error: HawserError): void {
    this.outgoing.handleClosed(error);
    this.incoming.handleClosed(error);
  }
}
