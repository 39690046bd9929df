/** Where an OVSDB server listens, as `net.connect` takes it. */
export type ServerAddress = { path: string } | { host: string; port: number }

/**
 * Reads an OVSDB connection method, as Open vSwitch and Neutron's agents write it: `unix:/run/openvswitch/db.sock` or
 * `tcp:127.0.0.1:6640` (an IPv6 address in brackets).
 *
 * @throws {RangeError} for any other text
 */
export function parseServerAddress(text: string): ServerAddress {
  const path = /^unix:(\/.+)$/.exec(text)?.[1]
  if (path !== undefined) return { path }
  const [, bracketed, plain, digits] = /^tcp:(?:\[([0-9a-fA-F:.]+)\]|([^:\s/]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(digits)
  if (host === undefined || port < 1 || port > 65535) {
    throw new RangeError(`expected unix:/PATH or tcp:HOST:PORT, got ${JSON.stringify(text)}`)
  }
  return { host, port }
}
