/**
 * `webrtc://` in pages: the browser's own `RTCPeerConnection` and `WebSocket`. The module for the web leaves it out,
 * because it weighs 6 kB; a page that wants it registers it. Browsers take messages of any size up to 16 KiB, so nothing
 * else differs from Deno, Bun and Node.
 *
 * @example
 * ```ts
 * import { connect, registerTransport } from "@hawser/hawser/web";
 * import { webrtcInBrowsers } from "@hawser/hawser/webrtc";
 *
 * registerTransport(webrtcInBrowsers);
 * const dialled = connect("webrtc://alice?signalling=wss://example.com/signalling", { trust: () => true });
 * await dialled.catch((error) => console.log(error.code)); // "unsupported", outside of a page
 * ```
 *
 * @module
 */

import type { Transport } from "../../link.ts";
import { webrtcTransport } from "./transport.ts";
import { webPeers } from "./web_peer.ts";

/** The transport of `webrtc://` in browsers. */
export const webrtcInBrowsers: Transport = webrtcTransport(() => webPeers());
