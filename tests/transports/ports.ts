/**
 * Ports with names, for tests.
 *
 * @module
 */

import { registerPort } from "../../src/transports/port/registered_ports.ts";

/** Gives a name to both ends of a channel: it leads from here to here. */
export function loop(name: string): Disposable {
  const { port1, port2 } = new MessageChannel();
  const registrations = [registerPort(name, port1), registerPort(name, port2)];
  return {
    [Symbol.dispose]() {
      for (const registration of registrations) registration.unregister();
      port1.close();
      port2.close();
    },
  };
}
