/**
 * Names of ports: how two workers that share a port, and perhaps use it for messages of their own, open links over it.
 *
 * Who dials asks over the registered port; who listens makes a `MessageChannel` for the link and answers with one end
 * of it. A side that registers late says so, and what was asked before is asked again: a worker that still starts
 * loses no dial.
 *
 * ```
 * { hawser: "here" }                    I have registered this port: ask again
 * { hawser: "dial", id, scheme }        open a link; ids of one side rise
 * { hawser: "link", id, port, memory }  here it is, with what else its scheme needs
 * { hawser: "refused", id }             nobody listens here any more
 * { hawser: "alive", life }             the name of a lock that I hold as long as I live; said again to who comes late
 * ```
 *
 * @module
 */

import { HawserError } from "../../errors.ts";
import { PORT_DIALS_HELD_MAX } from "../../limits.ts";
import { lifeLock, watchLife } from "./life_lock.ts";
import { hear, type PortLike } from "./port_events.ts";

export type { PortLike } from "./port_events.ts";

/** The schemes whose links are opened over a registered port. */
export type PortScheme = "port" | "shm";

/** Takes links: one end of a channel that was made for one. What it returns is sent along with the other end. */
export type TakeLink = (port: MessagePort) => unknown;

/** What a dial brings. */
export interface DialledPort {
  /** One end of a channel that was made for the link. */
  readonly port: MessagePort;
  /** What the listener sent along. */
  readonly memory: unknown;
}

/** A name, its ports, and who listens on them. */
class PortName {
  readonly ports: Set<RegisteredPort> = new Set();
  readonly port: PortListener = new PortListener(this.ports);
  readonly shm: PortListener = new PortListener(this.ports);

  get isListening(): boolean {
    return this.port.isListening || this.shm.isListening;
  }
}

/** Who listens on the ports of a name, for links of one scheme. */
class PortListener {
  readonly #ports: ReadonlySet<RegisteredPort>;
  #take: TakeLink | undefined;
  #hasListened = false;
  // Asked before anybody listened.
  readonly #held: [RegisteredPort, id: number][] = [];

  constructor(ports: ReadonlySet<RegisteredPort>) {
    this.#ports = ports;
  }

  get isListening(): boolean {
    return this.#take !== undefined;
  }

  listen(take: TakeLink): void {
    this.#take = take;
    this.#hasListened = true;
    for (const [port, id] of this.#held.splice(0)) if (this.#ports.has(port)) port.answer(id, take);
  }

  unlisten(): void {
    this.#take = undefined;
  }

  handleDial(port: RegisteredPort, id: number): void {
    const mayCome = !this.#hasListened && this.#held.length < PORT_DIALS_HELD_MAX;
    if (this.#take === undefined && mayCome) this.#held.push([port, id]);
    else port.answer(id, this.#take);
  }
}

const names = new Map<string, PortName>();
const registered = new WeakSet<PortLike>();

/** What {@linkcode registerPort} returns: disposing of it takes the port back. */
export interface PortRegistration extends Disposable {
  /** Takes the port back: it is no longer listened on or dialled over. Links that are open live on. Safe to call twice. */
  unregister(): void;
}

/**
 * Gives a port a name, for `port://name` and `shm://name`: `listen` then takes links that the other side dials, and `connect` dials.
 *
 * Names belong to the worker that gives them: the two sides of a port need not agree. `listen` hears all ports of a
 * name, those too that are registered later; `connect` uses the first. The port may carry other messages as well: those of
 * Hawser are objects with a key `hawser`. As any handler of messages does, a registered port keeps its worker running.
 *
 * @throws {TypeError} if the name is none, or the port cannot post and hear messages
 * @throws {RangeError} if the port is registered already
 *
 * @example
 * ```ts
 * import { connect, listen, registerPort } from "@hawser/hawser";
 *
 * // The ends of a channel are usually in two workers; a Worker, and the scope inside it, are ports too.
 * const { port1, port2 } = new MessageChannel();
 * using _here = registerPort("harbour", port1);
 * using _there = registerPort("lighthouse", port2);
 *
 * await using server = await listen("port://harbour");
 * await using connection = await connect("port://lighthouse", { expect: server.id });
 * console.log(connection.traits.kind); // message
 * ```
 */
export function registerPort(name: string, port: PortLike): PortRegistration {
  if (typeof name !== "string" || !/^[A-Za-z0-9._-]+$/.test(name)) {
    throw new TypeError("the name of a port has letters, digits, dots, dashes and underscores only");
  }
  if (typeof port?.postMessage !== "function" || (port.addEventListener ?? port.on) === undefined) {
    throw new TypeError("a port has postMessage, and addEventListener or on: a MessagePort or a Worker");
  }
  if (registered.has(port)) throw new RangeError("the port is registered already; unregister it first");
  registered.add(port);
  const entry = nameOf(name);
  const end = (why: string) => {
    if (!entry.ports.delete(member)) return;
    registered.delete(port);
    member.end(why);
    forget(name, entry);
  };
  const member = new RegisteredPort(port, entry, () => end("its other end is gone"));
  entry.ports.add(member);
  const unregister = () => end("it was unregistered");
  return { unregister, [Symbol.dispose]: unregister };
}

/** Opens a link over the first port of a name. */
export async function dialPort(
  scheme: PortScheme,
  name: string,
  signal: AbortSignal | undefined,
): Promise<DialledPort> {
  const port = names.get(name)?.ports.values().next().value;
  if (port !== undefined) return await port.dial(scheme, signal);
  const advice = `registerPort("${name}", port) names one`;
  throw new HawserError("connection-refused", `no port leads to ${scheme}://${name}; ${advice}`);
}

/**
 * Takes links from all ports of a name. The result is `Listening.close`.
 * @throws {HawserError} `address-in-use` if somebody does so already
 */
export function listenOnPorts(scheme: PortScheme, name: string, take: TakeLink): () => Promise<void> {
  const entry = nameOf(name);
  const listener = entry[scheme];
  if (listener.isListening) {
    const advice = "choose another name for the port";
    throw new HawserError(
      "address-in-use",
      `another listener of this worker has ${scheme}://${name}; ${advice}`,
    );
  }
  listener.listen(take);
  let isClosed = false;
  return () => {
    if (!isClosed) listener.unlisten();
    isClosed = true;
    forget(name, entry);
    return Promise.resolve();
  };
}

function nameOf(name: string): PortName {
  let entry = names.get(name);
  if (entry === undefined) names.set(name, entry = new PortName());
  return entry;
}

function forget(name: string, entry: PortName): void {
  if (entry.ports.size === 0 && !entry.isListening) names.delete(name);
}

/** A port that has a name. */
class RegisteredPort {
  readonly #port: PortLike;
  readonly #entry: PortName;
  readonly #dials: Map<number, Dial> = new Map();
  readonly #unhear: () => void;
  readonly #onGone: () => void;
  // Ends the watch over the lock of the other side.
  #unwatch: AbortController | undefined;
  #hasEnded = false;
  #lastId = 0;
  // A dial that is asked for twice, because it seemed lost, is answered once.
  #answeredId = 0;

  constructor(port: PortLike, entry: PortName, onGone: () => void) {
    this.#port = port;
    this.#entry = entry;
    this.#onGone = onGone;
    this.#unhear = hear(port, {
      onMessage: (data) => this.#handle(data as Partial<PortMessage> | undefined),
      onGone,
    });
    this.#post({ hawser: "here" });
    this.#sayLife();
  }

  dial(scheme: PortScheme, signal: AbortSignal | undefined): Promise<DialledPort> {
    const id = ++this.#lastId;
    const dial = { scheme, ...Promise.withResolvers<DialledPort>() };
    const onAbort = () => dial.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#dials.set(id, dial);
    this.#post({ hawser: "dial", id, scheme });
    return dial.promise.finally(() => {
      this.#dials.delete(id);
      signal?.removeEventListener("abort", onAbort);
    });
  }

  answer(id: number, take: TakeLink | undefined): void {
    if (take === undefined) return this.#post({ hawser: "refused", id });
    const { port1, port2 } = new MessageChannel();
    this.#post({ hawser: "link", id, port: port2, memory: take(port1) }, [port2]);
  }

  end(why: string): void {
    this.#hasEnded = true;
    this.#unhear();
    this.#unwatch?.abort();
    for (const dial of this.#dials.values()) dial.reject(refused(why));
  }

  #handle(data: Partial<PortMessage> | undefined): void {
    switch (data?.hawser) {
      case "here":
        for (const [id, { scheme }] of this.#dials) this.#post({ hawser: "dial", id, scheme });
        return this.#sayLife();
      case "alive":
        return this.#handleLife(data.life);
      case "dial":
        if (typeof data.id !== "number" || !(data.id > this.#answeredId)) return;
        this.#answeredId = data.id;
        return this.#entry[data.scheme === "shm" ? "shm" : "port"].handleDial(this, data.id);
      case "link":
        return this.#handleLink(data.id, data.port, data.memory);
      case "refused":
        this.#dials.get(data.id ?? 0)?.reject(refused("nobody listens at its other end any more"));
    }
  }

  #sayLife(): void {
    void lifeLock()?.then((life) => {
      if (!this.#hasEnded) this.#post({ hawser: "alive", life });
    });
  }

  #handleLife(name: unknown): void {
    if (this.#unwatch !== undefined) return;
    this.#unwatch = new AbortController();
    void watchLife(name, this.#unwatch.signal, this.#onGone);
  }

  #handleLink(id: number | undefined, port: unknown, memory: unknown): void {
    if (!(port instanceof MessagePort)) return;
    const dial = this.#dials.get(id ?? 0);
    if (dial === undefined) port.close(); // Given up meanwhile.
    else dial.resolve({ port, memory });
  }

  #post(message: PortMessage, transfer: Transferable[] = []): void {
    try {
      this.#port.postMessage(message, transfer);
    } catch (cause) {
      this.end(`it takes no messages: ${cause}`);
    }
  }
}

interface Dial extends PromiseWithResolvers<DialledPort> {
  readonly scheme: PortScheme;
}

interface PortMessage {
  readonly hawser: "here" | "dial" | "link" | "refused" | "alive";
  readonly id?: number;
  readonly scheme?: PortScheme;
  readonly port?: unknown;
  readonly memory?: unknown;
  readonly life?: unknown;
}

function refused(why: string): HawserError {
  return new HawserError("connection-refused", `the port leads to nobody: ${why}`);
}
