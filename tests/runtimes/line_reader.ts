/**
 * Lines of a growing text, to be awaited one by one.
 *
 * @module
 */

/** Cuts pieces of text into lines and hands them out in order. */
export class LineReader {
  readonly #lines: string[] = [];
  readonly #waiting: ((line: string | undefined) => void)[] = [];
  #rest = "";
  #ended = false;

  /** Takes the next piece of the text. */
  push(piece: string): void {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#hand(line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  /** The text is over; a last line without an end counts. Safe to call twice. */
  end(): void {
    if (this.#ended) return;
    if (this.#rest !== "") this.#hand(this.#rest);
    this.#ended = true;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }

  /** The next line, without its end; `undefined` once the text is over. */
  next(): Promise<string | undefined> {
    if (this.#lines.length > 0 || this.#ended) return Promise.resolve(this.#lines.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #hand(line: string): void {
    const resolve = this.#waiting.shift();
    if (resolve === undefined) this.#lines.push(line);
    else resolve(line);
  }
}
