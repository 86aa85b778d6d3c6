/**
 * What stream sockets promise.
 *
 * @module
 */

import type { LinkTraits } from "../../link.ts";

/** What every link over a stream socket is. */
export const SOCKET_TRAITS: LinkTraits = {
  kind: "stream",
  reliable: true,
  ordered: true,
  mtu: undefined,
  encrypted: false,
  nativeStreams: false,
};
