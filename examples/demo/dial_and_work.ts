/**
 * The dialling side of one transport: the whole work over Hawser, then over the plain runtime.
 *
 * @module
 */

import { connect } from "../../mod.ts";
import { channelOf } from "./channel.ts";
import { controlOf } from "./control/control.ts";
import { type Endpoint, tell } from "./events.ts";
import type { DialerOrder } from "./order.ts";
import { type Progress, work, type WorkResult } from "./work.ts";

const PROGRESS_MS = 250;

/**
 * Dials, works, and tells the parent how far it is and what was measured.
 * @throws {Error} when anything is not as it must be.
 */
export async function dialAndWork(endpoint: Endpoint, order: DialerOrder): Promise<void> {
  const { transport } = endpoint;
  const hawser = await watch(transport, "Hawser", (progress) => overHawser(endpoint, order, progress));
  const plain = await watch(transport, "plain", (progress) => overPlainRuntime(endpoint, order, progress));
  tell({
    event: "measured",
    transport,
    figures: hawser.figures,
    control: plain.figures,
    files: hawser.files,
    resent: hawser.resent,
    controlResent: plain.resent,
  });
}

async function overHawser({ url }: Endpoint, order: DialerOrder, progress: Progress): Promise<WorkResult> {
  await using connection = await connect(url);
  return await work(channelOf(connection), order.work, progress);
}

async function overPlainRuntime(
  { transport, controlPort }: Endpoint,
  order: DialerOrder,
  progress: Progress,
): Promise<WorkResult> {
  const channel = await (await controlOf(transport)).dial(controlPort);
  try {
    return await work(channel, { ...order.work, bytesMax: order.controlBytesMax }, progress);
  } finally {
    await channel.close();
  }
}

/** Tells how far the work is, as long as it goes on. */
async function watch<T>(
  transport: string,
  what: string,
  job: (progress: Progress) => Promise<T>,
): Promise<T> {
  const progress: Progress = { bytes: 0, messages: 0 };
  let told = "";
  const tellNews = () => {
    const { bytes, messages } = progress;
    if (told === `${bytes} ${messages}`) return;
    told = `${bytes} ${messages}`;
    tell({ event: "progress", transport, what, bytes, messages });
  };
  tellNews();
  const timer = setInterval(tellNews, PROGRESS_MS);
  try {
    return await job(progress);
  } finally {
    clearInterval(timer);
  }
}
