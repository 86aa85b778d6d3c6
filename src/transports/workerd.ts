/**
 * The transports of Cloudflare Workers: one row for each scheme. What is listed here may import nothing of Node.
 *
 * @module
 */

import { TransportTable } from "./table.ts";
import { workerdTcp } from "./tcp/workerd.ts";
import { webSocketDialler } from "./ws/web.ts";

/** What a worker can dial. */
export const workerdTransports: TransportTable = new TransportTable({
  tcp: () => workerdTcp,
  ws: () => webSocketDialler,
  wss: () => webSocketDialler,
});
