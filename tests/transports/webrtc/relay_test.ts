// Connections over a TURN server; the tests are in relay_cases.ts.

import { isAlone, testAlone } from "../../runtimes/alone.ts";

if (isAlone) await import("./relay_cases.ts");
else testAlone(import.meta.url);
