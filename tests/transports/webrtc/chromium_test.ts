// A page in Chromium; the tests are in chromium_cases.ts.

import { isAlone, testAlone } from "../../runtimes/alone.ts";

if (isAlone) await import("./chromium_cases.ts");
else testAlone(import.meta.url);
