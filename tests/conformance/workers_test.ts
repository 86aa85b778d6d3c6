// This worker dials listeners in other workers of its process, of every kind that the runtime has.

import { test } from "node:test";
import { registerPort } from "../../mod.ts";
import { kindsOfWorkers, startWorker } from "../transports/workers.ts";
import { converse } from "./converse.ts";

let names = 0;

for (const kind of kindsOfWorkers) {
  test(`${kind}: a worker is dialled over port and shm`, async () => {
    await using worker = startWorker(kind, "tests/conformance/fixtures/echo_worker.ts");
    const name = `worker-${++names}`;
    using _registration = registerPort(name, worker.port);
    const id = await worker.said("id");
    for (const scheme of ["port", "shm"]) {
      await converse(`${scheme}://${name}#${id}`, true, { bulk: 128 });
    }
  });
}
