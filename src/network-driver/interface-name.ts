import type { CreateEndpointRequest } from '../docker-plugin/network-driver-messages.ts'

const option = 'com.docker.network.endpoint.ifname'

/**
 * The name that the user wants for the container's interface (`--network name=blue,driver-opt=…ifname=lan0`, Compose's
 * `interface_name`). We answer it in Join; Docker heeds that from 29.8 on, older ones name the interface themselves.
 *
 * @throws {RangeError} for a name that Linux does not take: 1 to 15 bytes without `/`, `:`, `%` and blanks, not `.` or `..`.
 */
export function wantedInterfaceName({ Options }: CreateEndpointRequest): string | undefined {
  const name = Options?.[option]
  if (name === undefined || name === null || name === '') return undefined
  if (typeof name === 'string' && Buffer.byteLength(name) <= 15 && /^(?!\.{1,2}$)[^/:%\s\p{C}]+$/u.test(name))
    return name
  throw new RangeError(
    `driver option ${option}=${JSON.stringify(name).slice(0, 60)}: expected an interface name of 1 to 15 bytes without "/", ":", "%" and blanks, like lan0`,
  )
}
