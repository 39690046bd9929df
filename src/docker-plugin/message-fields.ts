import { isIP } from 'node:net'
import { Type } from 'typebox'

/** Fields that several messages of the plugin protocol share. Unknown extra fields are let through: Docker adds some. */

/** Docker's id of a network or endpoint: 64 hex digits, or 25 letters and digits in swarm mode (libnetwork, swarmkit). */
export const DockerId = Type.String({
  pattern: '^([0-9a-f]{64}|[0-9a-z]{25})$',
  description: 'an id of 64 hex digits (or 25 letters and digits in swarm mode)',
})

/** What `RequestPool` answered: opaque to Docker, a subnet pool's UUID to us. */
export const PoolId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'a subnet pool id (UUID) as RequestPool answered it',
})

/**
 * An address with prefix length, or empty. Host bits are let through (a gateway or an endpoint's address has them): whether
 * they may be there is checked by the driver.
 */
export const Cidr = Type.Refine(
  Type.String({ maxLength: 49, pattern: '^$|^[0-9a-fA-F:.]+/[0-9]{1,3}$', description: 'a CIDR or ""' }),
  isCidrOrEmpty,
)

/** An address without prefix length, or empty. */
export const Address = Type.Refine(
  Type.String({ maxLength: 45, pattern: '^$|^[0-9a-fA-F:.]+$', description: 'an IP address or ""' }),
  text => text === '' || isIP(text) !== 0,
)

export const MacAddress = Type.String({
  pattern: '^$|^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
  description: 'a MAC address or ""',
})

/** Any name. Not `Type.String()`: its pattern `^.*$` passes over names with a line break, and their values unseen. */
const AnyName = Type.String({ pattern: '^[^]*$' })

/** `-o`, `--ipam-opt`: text by name. Docker sends `null` for none. */
export const TextOptions = Type.Union([Type.Record(AnyName, Type.String()), Type.Null()])

/** Driver options of any shape, keyed by `com.docker.network.…` labels and `--driver-opt` names. */
export const AnyOptions = Type.Union([Type.Record(AnyName, Type.Unknown()), Type.Null()])

/** `--aux-address`: CIDR by name. */
export const AuxAddresses = Type.Union([Type.Record(AnyName, Cidr), Type.Null()])

function isCidrOrEmpty(text: string): boolean {
  if (text === '') return true
  const slash = text.indexOf('/')
  const length = Number(text.slice(slash + 1))
  const family = isIP(text.slice(0, slash))
  return family === 4 ? length <= 32 : family === 6 && length <= 128
}
