/**
 * The transports of browsers: one row for each scheme. What is listed here is part of the bundle for the web.
 *
 * @module
 */

import { TransportTable } from "./table.ts";
import { webSocketDialler } from "./ws/web.ts";
import { webTransportDialler } from "./wt/web.ts";

/** What a page can dial. */
export const webTransports: TransportTable = new TransportTable({
  ws: () => webSocketDialler,
  wss: () => webSocketDialler,
  wt: () => webTransportDialler,
});
