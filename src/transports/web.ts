/**
 * The transports of browsers: one row for each scheme. What is listed here is part of the bundle for the web.
 *
 * @module
 */

import { type TransportLoader, TransportTable } from "./table.ts";
import { webSocketDialler } from "./ws/web.ts";
import { webTransportDialler } from "./wt/web.ts";

/** The rows of the table. */
export const WEB_ROWS: Readonly<Record<string, TransportLoader>> = {
  ws: () => webSocketDialler,
  wss: () => webSocketDialler,
  wt: () => webTransportDialler,
};

/** What a page can dial. */
export const webTransports: TransportTable = new TransportTable(WEB_ROWS);
