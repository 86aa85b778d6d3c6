/**
 * What TCP promises.
 *
 * @module
 */

import type { LinkTraits } from "../../link.ts";

/** What every TCP link is. */
export const TCP_TRAITS: LinkTraits = {
  kind: "stream",
  reliable: true,
  ordered: true,
  mtu: undefined,
  encrypted: false,
  nativeStreams: false,
};
