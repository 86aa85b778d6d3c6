/**
 * Frames of the application's own types, beside messages.
 *
 * @module
 */

import { FRAME_APPLICATION, FRAME_APPLICATION_LAST } from "../session/mod.ts";
import { RawConnection } from "./raw_connection.ts";

/** A connection that carries frames of the application's own types. */
export abstract class FrameConnection extends RawConnection {
  #handlers: Map<number, (bytes: Uint8Array) => void> | undefined;

  /**
   * Sends a frame of one of the application's own types, 0x80 to 0xff: small words beside all messages, for whoever at the
   * other end has registered for the type, and passed over where nobody has. It is never cut. Returns as `send` does.
   *
   * @throws {HawserError} `closed`; `packet-too-large` for a frame over one packet; `backpressure`.
   * @throws {RangeError} for any other type.
   *
   * @example
   * ```ts
   * import { connect, listen } from "@hawser/hawser";
   *
   * await using server = await listen(["mem://frame-example"]);
   * const heard = new Promise<Uint8Array>((resolve) => {
   *   server.onConnection((connection) => connection.onFrame(0x80, resolve));
   * });
   *
   * await using connection = await connect([server.urls[0]]);
   * connection.sendFrame(0x80, Uint8Array.of(1, 2, 3));
   * console.log(await heard); // Uint8Array [ 1, 2, 3 ]
   * ```
   */
  sendFrame(type: number, bytes: Uint8Array): boolean {
    checkType(type);
    if (!(bytes instanceof Uint8Array)) throw new TypeError("sendFrame takes a Uint8Array");
    if (this.info !== undefined) throw this.closedError(this.info);
    const hasRoom = this.pump.session.sendFrame(type, bytes);
    this.pump.wake();
    return hasRoom;
  }

  /**
   * Calls `handler` with what is in each frame of a type, 0x80 to 0xff, that arrives from now on; the last one registered
   * counts, and `undefined` takes it away. A handler that throws ends the connection.
   * @throws {RangeError} for any other type.
   */
  onFrame(type: number, handler: ((bytes: Uint8Array) => void) | undefined): void {
    checkType(type);
    const handlers = this.#handlers ??= new Map();
    if (handler === undefined) handlers.delete(type);
    else handlers.set(type, handler);
    this.pump.session.frameTypes = handlers;
  }

  /** @ignore */
  protected override handleMessages(): void {
    super.handleMessages();
    if (this.#handlers !== undefined) this.#handleFrames(this.#handlers);
  }

  /** @ignore */
  protected override stopHanding(): void {
    super.stopHanding();
    this.#handlers = undefined;
  }

  #handleFrames(handlers: ReadonlyMap<number, (bytes: Uint8Array) => void>): void {
    const { session } = this.pump;
    for (let frame = session.takeFrame(); frame !== undefined; frame = session.takeFrame()) {
      try {
        handlers.get(frame.type)?.(frame.bytes);
      } catch (cause) {
        this.#handlers = undefined;
        return this.endBy(`the handler of frames of type ${frame.type}`, cause);
      }
    }
  }
}

function checkType(type: number): void {
  if (Number.isInteger(type) && type >= FRAME_APPLICATION && type <= FRAME_APPLICATION_LAST) return;
  throw new RangeError(`the application's own types are 0x80 to 0xff, not ${type}`);
}
