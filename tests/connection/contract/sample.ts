/**
 * A contract that two processes share.
 *
 * @module
 */

import * as v from "valibot";
import { z } from "zod";
import { contract, event, request, stream } from "../../../src/connection/contract/mod.ts";

/** What the server of `contract_server.ts` answers. */
export const Sample = contract({
  /** Divides, and refuses to by zero. */
  divide: request(z.object({ a: z.number(), by: z.number().default(2) }), z.number()),
  /** Answers with what does not fit. */
  lie: request(z.string()),
  /** Never answers; tells when it began, and when nobody waited any more. */
  wait: request(z.string(), z.string()),
  /** Counts without end; tells when nobody counted along any more. */
  count: stream(v.object({ from: v.number() }), v.number()),
  /** What happened to a call. */
  happened: event(z.string()),
  /** What one says, all are told. */
  said: event(v.object({ text: v.string() })),
  /** A text is a date where it arrives. */
  dates: contract({ next: request(z.iso.datetime(), z.iso.datetime().transform((text) => new Date(text))) }),
});

/** The same names without any check. */
export const Unchecked = contract({
  divide: request(z.unknown(), z.unknown()),
  nothing: request(z.unknown(), z.unknown()),
  said: event(z.unknown()),
});
