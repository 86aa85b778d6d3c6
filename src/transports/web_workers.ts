/**
 * The transports of browsers whose pages have workers of their own: those of every page, and what leads to a worker.
 *
 * @module
 */

import { webPort } from "./port/web.ts";
import { webShm } from "./shm/web.ts";
import { TransportTable } from "./table.ts";
import { WEB_ROWS } from "./web.ts";

/** What a page and its workers can dial, and where each can listen for the other. */
export const webWorkerTransports: TransportTable = new TransportTable({
  ...WEB_ROWS,
  port: () => webPort,
  shm: () => webShm,
});
