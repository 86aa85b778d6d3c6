/**
 * Which requests become WebSockets of ours, and what the others are told.
 *
 * @module
 */

/** The subprotocol that both sides must name (RFC 6455 §1.9). */
export const SUBPROTOCOL = "hawser-v1";

/** What a listener asks of a request. */
export interface UpgradeRules {
  /** The only path that is served, without a query. */
  readonly path: string;
  /** Origins of pages that may connect, in lower case. */
  readonly origins: readonly string[];
}

/** What a request says about itself; header values as they came, `undefined` or `null` where there is none. */
export interface UpgradeRequest {
  /** Path and query. */
  readonly target: string;
  readonly upgrade: string | null | undefined;
  readonly origin: string | null | undefined;
  /** The header Sec-WebSocket-Protocol. */
  readonly protocols: string | null | undefined;
}

/** An HTTP answer that is no WebSocket. */
export interface Refusal {
  readonly status: number;
  /** A sentence for whoever reads the body. */
  readonly reason: string;
}

/**
 * The answer to a request that does not become a WebSocket; `undefined` if it does.
 *
 * Browsers name the origin of the page in every WebSocket request and let any page connect anywhere (RFC 6455 §10.2),
 * so a request with an origin must come from a listed one. Programs that are no pages send none.
 */
export function judgeUpgrade(request: UpgradeRequest, rules: UpgradeRules): Refusal | undefined {
  if (request.target.split("?")[0] !== rules.path) {
    return { status: 404, reason: `nothing is served at this path; connect to ${rules.path}` };
  }
  if (request.upgrade?.toLowerCase() !== "websocket") {
    return { status: 426, reason: `this is a WebSocket server; connect with the subprotocol ${SUBPROTOCOL}` };
  }
  if (typeof request.origin === "string" && !rules.origins.includes(request.origin.toLowerCase())) {
    return {
      status: 403,
      reason: "pages of this origin may not connect; list it in the listener's `origins`",
    };
  }
  const offered = (request.protocols ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) {
    return { status: 400, reason: `the request does not offer the subprotocol ${SUBPROTOCOL}` };
  }
  return undefined;
}
