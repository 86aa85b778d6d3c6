/**
 * `listen` and `connect` that bring the certificates along which some schemes need.
 *
 * @module
 */

import process from "node:process";
import {
  connect as connectTo,
  type Connection,
  type ConnectOptions,
  listen as listenTo,
  type ListenOptions,
  type Server,
  type TlsOptions,
} from "../../mod.ts";
import { createCertificate } from "../../src/transports/tls/certificate.ts";

const VARIABLE = "HAWSER_TEST_TLS";

const given = process.env[VARIABLE];

/** What every end is told, in this process and in those that it starts. */
export const tls: TlsOptions = given === undefined ? await created() : JSON.parse(given);

/** The environment of a process that is to be told the same. */
export const tlsEnvironment: Readonly<Record<string, string>> = { [VARIABLE]: JSON.stringify(tls) };

/** As that of Hawser. */
export function listen(addresses: string | readonly string[], options: ListenOptions = {}): Promise<Server> {
  // QUIC has no certificates of clients.
  const told = isQuic(addresses) ? { cert: tls.cert, key: tls.key } : tls;
  return listenTo(addresses, { tls: told, ...options });
}

/** As that of Hawser. */
export function connect(
  addresses: string | readonly string[],
  options: ConnectOptions = {},
): Promise<Connection> {
  const told = isQuic(addresses) ? { ca: tls.ca, serverName: tls.serverName } : tls;
  return connectTo(addresses, { tls: told, ...options });
}

function isQuic(addresses: string | readonly string[]): boolean {
  return [addresses].flat().every((address) => /^(quic|wt):/.test(address));
}

async function created(): Promise<TlsOptions> {
  const authority = await createCertificate({ authority: true });
  const serverName = "hawser.test";
  const { certPem: cert, keyPem: key, pin } = await createCertificate({
    issuer: authority,
    names: [serverName],
  });
  // One certificate for all ends, wherever they are, so that each is asked for its own and finds it pinned.
  return { cert, key, ca: authority.certPem, pins: [pin], clientCertificates: true, serverName };
}
