// Peer connections on whichever runtime runs this file; the tests are in webrtc_cases.ts.

import { isAlone, testAlone } from "../runtimes/alone.ts";

if (isAlone) await import("./webrtc_cases.ts");
else testAlone(import.meta.url);
