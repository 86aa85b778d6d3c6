/**
 * The whole work over one channel: files, many small messages, and one after another.
 *
 * @module
 */

import type { Channel } from "./channel.ts";
import type { Figures } from "./events.ts";
import type { Root } from "./files.ts";
import { sendFiles } from "./send_files.ts";
import { sendMany, sendOneByOne } from "./send_messages.ts";

/** How much there is to do. */
export interface WorkOptions {
  readonly roots: readonly Root[];
  readonly bytesMax: number;
  /** Small messages there and back, many at once. */
  readonly messages: number;
  /** Small messages, one after another. */
  readonly roundTrips: number;
}

/** What was done since the work began, for whoever shows it. */
export interface Progress {
  bytes: number;
  messages: number;
}

/** What came of it. */
export interface WorkResult {
  readonly figures: Figures;
  readonly files: number;
  /** Messages that were lost and sent again. */
  readonly resent: number;
}

// The first messages find code that no compiler has seen yet.
const WARM_UP_MESSAGES = 1_000;

/**
 * Does all the work over `channel`.
 * @throws {Error} at the first byte that is not as it must be.
 */
export async function work(channel: Channel, options: WorkOptions, progress: Progress): Promise<WorkResult> {
  const onProgress = (messages: number) => void (progress.messages += messages);
  await sendMany(channel, Math.min(WARM_UP_MESSAGES, options.messages), () => {});
  const files = await sendFiles(channel, {
    roots: options.roots,
    bytesMax: options.bytesMax,
    onProgress: (bytes) => void (progress.bytes += bytes),
  });
  const many = await sendMany(channel, options.messages, onProgress);
  const single = await sendOneByOne(channel, options.roundTrips, onProgress);
  const sorted = single.roundTripsMs.sort();
  return {
    files: files.files,
    resent: files.resent + many.lost + single.lost,
    figures: {
      bytes: files.bytes,
      mbPerSecond: round(files.bytes / 1e6 / files.seconds, 1),
      messagesPerSecond: round(many.count / many.seconds, 0),
      p50Ms: round(percentile(sorted, 0.5), 4),
      p99Ms: round(percentile(sorted, 0.99), 4),
    },
  };
}

/** The smallest value that a fraction of all do not exceed (nearest rank); 0 where there are none. */
export function percentile(sorted: Float64Array, fraction: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)];
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
