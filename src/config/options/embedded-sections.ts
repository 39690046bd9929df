import { hostPort, ipAddress, storeUrl, unicastMac, vniRange } from '../address-types.ts'
import { option, optional } from '../option.ts'
import type { OptionType } from '../option.ts'
import { path, text, wholeNumber } from '../value-types.ts'

/** The options of `[store]`: where the embedded Neutron keeps its resources. */
export const storeOptions = {
  url: option(
    storeUrl,
    'sqlite://$state_path/neutron.db',
    'One file for one host (`sqlite:///path`), or a store for many, with all its members: `etcd://h1:2379,h2:2379`, `consul://h1:8500` or `zk://h1:2181,h2:2181` (ZooKeeper); `etcds`, `consuls`, `zks` for TLS. A path at its end stands for `prefix`.',
  ),
  prefix: option(
    {
      ...text,
      words: 'a path such as /kuryr, without a "/" at its end',
      parse: (value: string) =>
        /^(\/[\w.-]+)+$/.test(value) ? { value } : { expected: 'a path such as /kuryr, without a "/" at its end' },
    },
    '/kuryr',
    'What the names of all keys in a store for many hosts start with: one store can serve several installations.',
  ),
  ca_file: optional(path, 'Certificates of the authorities that the store is checked by, PEM. With it, TLS is spoken.'),
  cert_file: optional(path, 'Client certificate for the store, PEM.'),
  key_file: optional(path, 'Key of the client certificate, PEM.'),
  username: optional(text, 'User’s name in etcd, or for ZooKeeper’s digest scheme.'),
  password: optional(text, 'The user’s password.', { secret: true }),
  token: optional(text, 'Token of Consul’s access control.', { secret: true }),
}

/** The options of `[embedded]`: what the embedded Neutron chooses by itself. */
export const embeddedOptions = {
  vni_range: option(vniRange, '65536:1048575', 'VXLAN network identifiers that networks get, both ends included.'),
  base_mac: option(
    unicastMac,
    'fa:16:3e:00:00:00',
    'What the MAC addresses of ports start with: the first three octets, and the fourth where it is not 00.',
  ),
}

/** The options of `[fabric]`: how the hosts are joined under the embedded Neutron. */
export const fabricOptions = {
  local_ip: optional(
    ipAddress,
    'Address of this host that the other hosts send VXLAN to. Without it, the address that the route to the store starts from.',
  ),
  mtu: option(
    zeroOr(wholeNumber(1280, 65_535)),
    '0',
    'Greatest packet between the hosts, in bytes; containers get it less the encapsulation. 0 takes the MTU of the device that has `local_ip`.',
  ),
  vxlan_port: option(wholeNumber(1, 65_535), '4789', 'UDP port of VXLAN. The same on all hosts.'),
}

/** The options of `[neutron_service]`: the embedded Neutron's REST API. */
export const neutronServiceOptions = {
  bind: optional(hostPort, 'Where to serve the Neutron API (`/v2.0`). Set to nothing, it is not served.', {
    default: '127.0.0.1:9696',
  }),
  token: optional(text, 'What callers must send as `X-Auth-Token`. Must be set when `bind` is not on loopback.', {
    secret: true,
  }),
}

function zeroOr(type: OptionType<number>): OptionType<number> {
  const words = `0, or ${type.words}`
  return {
    ...type,
    words,
    parse(value) {
      const parsed = value === '0' ? { value: 0 } : type.parse(value)
      return 'value' in parsed ? parsed : { expected: words }
    },
  }
}
