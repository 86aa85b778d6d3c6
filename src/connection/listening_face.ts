/**
 * What every door shows that can listen.
 *
 * @module
 */

export type { ListenOptions } from "./options.ts";
export type { Server, ServerCloseOptions, ServerStats } from "./server.ts";
export type { PeerStatus, PublishingServer, Relay } from "./publishing_server.ts";
export type { ShutdownOptions, ShutdownOutcome } from "./shutdown.ts";
export type { EarlyDataHandler, EarlyDataInfo } from "./early_data.ts";
