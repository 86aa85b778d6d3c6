// A TCP relay on loopback that can be cut: every link through it ends at once, and new ones are refused while it is down.
// While it is silent nothing comes through, and nobody is told.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A cable to one port. */
export class Cable implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  #isDown = false;
  /** The port to which new links lead. */
  target: number;
  /** Whether it swallows all that comes. */
  isSilent = false;
  /** Connections that were let through so far. */
  passed = 0;

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((near) => this.#pass(near));
  }

  /** Lays a cable to a port of this host. */
  static async to(target: number): Promise<Cable> {
    const cable = new Cable(target);
    cable.#server.listen(0, "127.0.0.1");
    await once(cable.#server, "listening");
    return cable;
  }

  /** Where it begins. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sockets that are open, two for each link. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** Cuts all links, without a word. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** While it is down, whoever comes is cut off. */
  set isDown(isDown: boolean) {
    this.#isDown = isDown;
    if (isDown) this.cut();
  }

  /** Cuts it, and takes it away. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    if (this.#server.listening) await once(this.#server, "close");
  }

  #pass(near: Socket): void {
    if (this.#isDown) return void near.destroy();
    this.passed++;
    const far = connect({ host: "127.0.0.1", port: this.target });
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => one.destroy());
      one.on("data", (bytes: Uint8Array) => {
        if (!this.isSilent && !other.write(bytes)) one.pause();
      });
      other.on("drain", () => one.resume());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
