/**
 * A link on which everything comes back: the bytes of the link, of each further stream, and datagrams.
 *
 * @module
 */

import type { HawserError } from "../../../src/errors.ts";
import type { Link, LinkHandler } from "../../../src/link.ts";

/** Sends back what comes over `link`, and over what the peer opens beside it; `onClose` hears of its end. */
export function echo(link: Link, onClose: (error?: HawserError) => void = () => {}): void {
  link.start(echoing(link, onClose));
}

function echoing(link: Link, onClose: (error?: HawserError) => void): LinkHandler {
  return {
    onReceive: (bytes) => void link.send(new Uint8Array(bytes)),
    onDrain() {},
    onClose,
    onStream: (stream) => echo(stream),
    onDatagram: (bytes) => void link.sendDatagram?.(bytes),
  };
}
