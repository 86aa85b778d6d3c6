/**
 * Hawser's topics, relayed by a server.
 *
 * @module
 */

import { connect, listen } from "../../mod.ts";
import type { Rooms } from "./fanout.ts";
import type { Scheme } from "./pipe.ts";

const SUBJECT = "room.7.chat";
const PATTERN = "room.*.chat";

/** One server that relays events, and subscribers to a pattern. */
export function hawserTopics(scheme: Scheme): Rooms {
  return {
    async serve() {
      const server = await listen([`${scheme}://127.0.0.1:0`], { compress: false });
      server.relay(PATTERN);
      return server.urls[0];
    },
    async subscribe(address, onEvent) {
      const connection = await connect(address, { compress: false });
      connection.subscribe(PATTERN, ({ value }) => onEvent(value as string));
    },
    async publisher(address) {
      const connection = await connect(address, { compress: false });
      return (text) => void connection.publish(SUBJECT, text);
    },
  };
}
