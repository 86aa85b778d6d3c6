/**
 * Loaded into every process that `spawnRuntime` starts, before its program:
 * ends the process when the one that started it is gone, even if that one was
 * killed and could not clean up.
 *
 * @module
 */

import process from "node:process";

const CHECK_MS = 500;

const parent = Number(process.env.HAWSER_PARENT_PID);
if (parent > 0) setInterval(exitWithoutParent, CHECK_MS).unref();

function exitWithoutParent(): void {
  try {
    process.kill(parent, 0); // Signal 0 asks whether it is there (kill(2)).
  } catch {
    process.exit(1);
  }
}
