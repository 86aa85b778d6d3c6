/**
 * A web server for one page, and what the page reports.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

// What makes a page cross-origin isolated: without them browsers share no memory between it and its workers.
const ISOLATION: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/**
 * Serves a page at `/`, the bundle at `/hawser.js`, perhaps the module of a worker at `/worker.js`, and takes what the
 * page posts to `/report` as JSON.
 */
export class PageServer<Report> implements AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** What the page reported. */
  readonly report: Promise<Report>;
  readonly #server: Server;

  private constructor(server: Server, report: Promise<Report>) {
    this.#server = server;
    this.report = report;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /**
   * Starts it; `script` is the page's module, and asked for when the page is. A page with a `worker` is cross-origin
   * isolated.
   */
  static async start<Report>(
    bundle: string,
    script: () => string,
    worker?: string,
  ): Promise<PageServer<Report>> {
    const { promise, resolve } = Promise.withResolvers<Report>();
    const server = createServer(async (request, response) => {
      if (request.url === "/report") {
        let text = "";
        for await (const piece of request) text += piece;
        resolve(JSON.parse(text));
        return void response.end();
      }
      const modules: Readonly<Record<string, string | undefined>> = {
        "/hawser.js": bundle,
        "/worker.js": worker,
      };
      const module = modules[request.url!];
      if (worker !== undefined) response.setHeaders(new Map(Object.entries(ISOLATION)));
      const isModule = module !== undefined;
      response.setHeader("content-type", isModule ? "text/javascript" : "text/html; charset=utf-8");
      response.end(module ?? `<!doctype html><title>test</title><script type=module>${script()}</script>`);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new PageServer(server, promise);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}
