// The code for browsers; the tests are in web_peer_cases.ts.

import { isAlone, testAlone } from "../../runtimes/alone.ts";

if (isAlone) await import("./web_peer_cases.ts");
else testAlone(import.meta.url);
