/**
 * A signalling endpoint as a handler for Hono, on every runtime that Hono has WebSockets for.
 *
 * @module
 */

import type { Context, MiddlewareHandler } from "hono";
import type { UpgradeWebSocket, WSContext, WSEvents } from "hono/ws";
import { SignallingHub } from "./hub.ts";

/** How an endpoint serves. */
export interface SignallingOptions {
  /** Origins of pages that may connect; by default pages of every origin are refused, programs are not. */
  readonly origins?: readonly string[];
  /** Names that are taken at once. Default 10,000. */
  readonly namesMax?: number;
  /**
   * Whether this request may have this name. Default: anybody may take any free name. Somebody who has the name of another
   * can keep callers from reaching it, but not deceive them: their peer ids differ.
   */
  readonly mayJoin?: (name: string, request: Request) => boolean | Promise<boolean>;
}

/**
 * A handler that serves signalling: `app.get("/signalling", signallingEndpoint(upgradeWebSocket))`.
 *
 * @param upgradeWebSocket Hono's, for the runtime: of `hono/deno`, `hono/bun`, `@hono/node-server`.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { upgradeWebSocket } from "hono/deno";
 * import { signallingEndpoint } from "@hawser/hawser/signalling";
 *
 * const app = new Hono();
 * app.get("/signalling", signallingEndpoint(upgradeWebSocket, { origins: ["https://app.example.com"] }));
 * ```
 */
export function signallingEndpoint<T>(
  upgradeWebSocket: UpgradeWebSocket<T>,
  options: SignallingOptions = {},
): MiddlewareHandler {
  return endpointOf(new SignallingHub(options.namesMax), upgradeWebSocket, options);
}

/** As {@linkcode signallingEndpoint}, with a hub that somebody else closes. */
export function endpointOf<T>(
  hub: SignallingHub,
  upgradeWebSocket: UpgradeWebSocket<T>,
  { origins = [], mayJoin = () => true }: SignallingOptions,
): MiddlewareHandler {
  const welcome = new Set(origins.map((origin) => origin.toLowerCase()));
  const upgrade = upgradeWebSocket((context) => eventsOf(hub, context));
  return async (context, next) => {
    const origin = context.req.header("origin")?.toLowerCase();
    if (origin !== undefined && !welcome.has(origin)) {
      return context.text("pages of this origin may not connect; list it in the endpoint's `origins`\n", 403);
    }
    if (!await mayJoin(context.req.query("name") ?? "", context.req.raw)) {
      return context.text("the name is not yours\n", 403);
    }
    const response = await upgrade(context, next);
    return response ?? context.text("this is a WebSocket endpoint\n", 426);
  };
}

function eventsOf<T>(hub: SignallingHub, context: Context): WSEvents<T> {
  const name = context.req.query("name");
  let seat: ReturnType<SignallingHub["join"]>;
  return {
    onOpen(_event, socket) {
      seat = hub.join(name, {
        send: (text) => socket.send(text),
        close: (code, reason) => socket.close(code, reason),
        waiting: () => waitingOn(socket),
      });
    },
    onMessage: ({ data }) => seat?.handle(data),
    onClose: () => seat?.leave(),
  };
}

function waitingOn<T>({ raw }: WSContext<T>): number {
  const socket = raw as { bufferedAmount?: number; getBufferedAmount?(): number } | undefined;
  return socket?.getBufferedAmount?.() ?? socket?.bufferedAmount ?? 0;
}
