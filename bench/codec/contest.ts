/**
 * Contenders take turns at the same work on fresh data, and of their rounds the one counts that a quarter of them
 * beat: a core that other processes use as well makes some rounds slower, and none faster.
 *
 * @module
 */

/** One way to do the work. */
export interface Contender {
  readonly name: string;
  /** Does it once for a fixed input. What it makes must equal what the others make. */
  sample(): Uint8Array;
  /** Makes ready `count` inputs that were not used just before, and returns what works on them all: only that is timed. */
  prepare(count: number): () => void;
}

/** What is measured: our way first, then the peers'. */
export interface Contest {
  readonly operation: string;
  /** Bytes of one input. */
  readonly size: number;
  readonly unit: "MB/s" | "ops/s";
  readonly contenders: readonly Contender[];
}

/** How our figure compares with one peer's. */
export interface Comparison {
  readonly operation: string;
  readonly size: number;
  readonly ours: number;
  readonly unit: string;
  readonly peer: string;
  readonly peerValue: number;
  readonly ratio: number;
}

/** How long and how often each contender works. */
export interface Effort {
  readonly rounds: number;
  /** Of one round, preparation not counted. */
  readonly ms: number;
}

/** Inputs of one batch: many enough to be timed, few enough to stay near the core. */
const BATCH_COUNT_MAX = 1_024;
const BATCH_BYTES_MAX = 1024 * 1024;

/**
 * Compares our contender with each of the others.
 * @throws {Error} if one of them makes something else of the sample.
 */
export function runContest({ operation, size, unit, contenders }: Contest, effort: Effort): Comparison[] {
  requireAgreement(operation, contenders);
  const count = Math.min(BATCH_COUNT_MAX, Math.max(1, Math.floor(BATCH_BYTES_MAX / size)));
  const figures = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (const contender of contenders) nsPerCall(contender, count, 3 * effort.ms); // Warms up; counts for nothing.
  for (let round = 0; round < effort.rounds; round++) {
    // Each round begins with another contender.
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length];
      figures.get(contender)!.push(nsPerCall(contender, count, effort.ms));
    }
  }
  const valueOf = (contender: Contender) => {
    const ns = lowerQuartile(figures.get(contender)!);
    return unit === "MB/s" ? size * 1000 / ns : 1e9 / ns;
  };
  const [hawser, ...peers] = contenders;
  return peers.map((peer) => {
    const [ours, peerValue] = [valueOf(hawser), valueOf(peer)];
    return { operation, size, ours, unit, peer: peer.name, peerValue, ratio: ours / peerValue };
  });
}

/** The smallest value that at least a quarter of them do not exceed. */
export function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length / 4) - 1];
}

function nsPerCall(contender: Contender, count: number, ms: number): number {
  let elapsed = 0;
  let calls = 0;
  while (elapsed < ms) {
    const work = contender.prepare(count);
    const start = performance.now();
    work();
    elapsed += performance.now() - start;
    calls += count;
  }
  return elapsed * 1e6 / calls;
}

function requireAgreement(operation: string, [hawser, ...peers]: readonly Contender[]): void {
  const expected = hawser.sample();
  for (const peer of peers) {
    const actual = peer.sample();
    const same = actual.length === expected.length && actual.every((byte, at) => byte === expected[at]);
    if (!same) throw new Error(`${operation}: ${peer.name} and we do not agree on ${expected.length} bytes`);
  }
}
