/**
 * The worker of the page: listens in shared memory and on the port to it, and says what it hears in capitals.
 *
 * @module
 */

import { listen, type PortLike, registerPort, type Server } from "../../web_workers.ts";

const page = globalThis as unknown as PortLike;
registerPort("page", page);

/** Where the page connects. */
export const server: Server = await listen(["shm://page", "port://page"]);
server.onConnection((connection) =>
  connection.onMessage((message) => {
    const words = new TextDecoder().decode(message).toUpperCase();
    connection.send(new TextEncoder().encode(words));
  })
);
page.postMessage({ id: server.id });
