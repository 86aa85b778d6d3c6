/**
 * Makes PORTABILITY.md of the cells that the tests noted.
 *
 * @module
 */

import type { Cell, Place } from "../tests/conformance/portability.ts";

const LISTENERS: readonly Place[] = ["deno", "bun", "node", "workerd", "chromium"];
const DIALLERS: readonly Place[] = ["deno", "bun", "node", "workerd", "chromium"];
const NAMES: Readonly<Record<Place, string>> = {
  deno: "Deno",
  bun: "Bun",
  node: "Node",
  workerd: "workerd",
  chromium: "Chromium",
};

const SAME_PROCESS = "stays inside one process";
const NO_SOCKETS = "this place has no such sockets";
const NOT_TRIED = "possible, but no test tries it yet";

/** The schemes in the order of the table, and for which places a transport of that kind can exist at all. */
const SCHEMES: readonly { readonly scheme: string; readonly inProcess?: boolean; readonly web?: boolean }[] =
  [
    { scheme: "tcp" },
    { scheme: "tls" },
    { scheme: "unix" },
    { scheme: "udp" },
    { scheme: "quic" },
    { scheme: "ws", web: true },
    { scheme: "wss", web: true },
    { scheme: "wt", web: true },
    { scheme: "webrtc", web: true },
    { scheme: "mem", inProcess: true },
    { scheme: "port", inProcess: true },
    { scheme: "shm" },
  ];

/** The page, from the cells of all runtimes. */
export function portabilityPage(cells: readonly Cell[]): string {
  const notes: string[] = [];
  const rows = SCHEMES.filter(({ scheme }) => cells.some((cell) => cell.scheme === scheme)).flatMap((entry) =>
    LISTENERS.filter((listener) => mayListen(cells, entry.scheme, listener)).map((listener) => {
      const shown = DIALLERS.map((dialler) => show(cells, entry, listener, dialler, notes));
      return `| ${entry.scheme} | ${NAMES[listener]} | ${shown.join(" | ")} |`;
    })
  );
  return `# Portability

Who reaches whom: each row is a transport and where it listens, each column where it is dialled from. The test
run writes this page, from what really happened between processes.

✔ passed the suite · ✘ refused, with the typed error that says why · a number: not run, for the reason below

| transport | listens on | ${DIALLERS.map((place) => NAMES[place]).join(" | ")} |
| --- | --- | ${DIALLERS.map(() => "---").join(" | ")} |
${rows.join("\n")}

${notes.map((note, index) => `${index + 1}. ${note}`).join("\n")}
`;
}

// Pages and workers can listen over little: they have a row only where a test has seen them do it.
function mayListen(cells: readonly Cell[], scheme: string, listener: Place): boolean {
  const isWeb = listener === "chromium" || listener === "workerd";
  return !isWeb || cells.some((cell) => cell.scheme === scheme && cell.listener === listener);
}

function show(
  cells: readonly Cell[],
  entry: typeof SCHEMES[number],
  listener: Place,
  dialler: Place,
  notes: string[],
): string {
  const { scheme } = entry;
  const seen = cells.filter((cell) =>
    cell.scheme === scheme && cell.listener === listener && cell.dialler === dialler
  );
  if (seen.length > 0) return seen.some(({ outcome }) => outcome === "passed") ? "✔" : "✘";
  const reason = reasonNotRun(entry, listener, dialler);
  if (!notes.includes(reason)) notes.push(reason);
  return String(notes.indexOf(reason) + 1);
}

function reasonNotRun(
  { inProcess = false, web = false }: typeof SCHEMES[number],
  listener: Place,
  dialler: Place,
): string {
  if (inProcess) return listener === dialler ? NOT_TRIED : SAME_PROCESS;
  const isWeb = (place: Place) => place === "workerd" || place === "chromium";
  return (isWeb(listener) || isWeb(dialler)) && !web ? NO_SOCKETS : NOT_TRIED;
}

/** Reads the notes of a run; those of tests that failed later are not among them. */
export function parseCells(text: string): Cell[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Cell);
}
