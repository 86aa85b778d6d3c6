/**
 * Hawser's requests, encrypted, with the defaults of both sides.
 *
 * @module
 */

import { connect, listen } from "../../mod.ts";
import type { Scheme } from "./pipe.ts";
import { type Answer, answer, type Question, type Questions } from "./requests.ts";

/** A server that handles one name. */
export function hawserRequests(scheme: Scheme): Questions {
  return {
    async serve() {
      const server = await listen([`${scheme}://127.0.0.1:0`], { compress: false });
      server.onConnection((connection) => {
        connection.handle("ask", (question) => answer(question as Question));
      });
      return server.urls[0];
    },
    async dial(address) {
      const connection = await connect(address, { compress: false });
      return (question) => connection.request("ask", question) as Promise<Answer>;
    },
  };
}
