/**
 * What several processes print at the same time, shown one after the other.
 *
 * @module
 */

/** The output of one of them: kept until its turn has come, and from then on passed through. */
export class OutputTurn {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #kept: Uint8Array[] | undefined = [];
  #writing: Promise<void> = Promise.resolve();

  /** `write` takes what is to be shown. */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Shows everything that `streams` bring, in its turn; resolves with it as text when they have ended. */
  async take(...streams: ReadableStream<Uint8Array>[]): Promise<string> {
    const texts = await Promise.all(streams.map((stream) => this.#takeOne(stream)));
    return texts.join("");
  }

  /** Its turn has come. */
  begin(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const bytes of kept) void this.#show(bytes);
  }

  /** Resolves when all that came so far is shown. */
  get shown(): Promise<void> {
    return this.#writing;
  }

  async #takeOne(stream: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const bytes of stream) {
      text += decoder.decode(bytes, { stream: true });
      if (this.#kept === undefined) await this.#show(bytes);
      else this.#kept.push(bytes);
    }
    return text;
  }

  #show(bytes: Uint8Array): Promise<void> {
    return this.#writing = this.#writing.then(() => this.#write(bytes));
  }
}
