/**
 * Calls of Cap'n Web over WebSocket.
 *
 * @module
 */

import { RpcTarget } from "capnweb";
import { type Answer, answer, type Question, type Questions } from "../requests.ts";
import { dialRpc, serveRpc } from "./capnweb_sockets.ts";

class Answerer extends RpcTarget {
  ask(question: Question): Answer {
    return answer(question);
  }
}

/** A server with one method. */
export const questions: Questions = {
  serve: () => serveRpc(() => new Answerer()),
  async dial(address) {
    const server = await dialRpc<Answerer>(address);
    return async (question) => await server.ask(question);
  },
};
