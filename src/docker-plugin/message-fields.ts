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

/** An address with prefix length, or empty. Its meaning is checked by the driver. */
export const Cidr = Type.String({ maxLength: 49, pattern: '^$|^[0-9a-fA-F:.]+/[0-9]{1,3}$', description: 'a CIDR or ""' })

/** An address without prefix length, or empty. */
export const Address = Type.String({ maxLength: 45, pattern: '^$|^[0-9a-fA-F:.]+$', description: 'an IP address or ""' })

export const MacAddress = Type.String({
  pattern: '^$|^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$',
  description: 'a MAC address or ""',
})

/** `-o`, `--ipam-opt`: text by name. Docker sends `null` for none. */
export const TextOptions = Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()])

/** Driver options of any shape, keyed by `com.docker.network.…` labels and `--driver-opt` names. */
export const AnyOptions = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])
