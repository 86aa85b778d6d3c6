/**
 * `webrtc://` in pages: the browser's own `RTCPeerConnection` and `WebSocket`. A page can dial, and listen too.
 *
 * @module
 */

import type { Transport } from "../../link.ts";
import { webrtcTransport } from "./transport.ts";
import { webPeers } from "./web_peer.ts";

/** The transport of `webrtc://` in browsers. */
export const webrtcInBrowsers: Transport = webrtcTransport(() => webPeers());
