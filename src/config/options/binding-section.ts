import { option } from '../option.ts'
import { driverName, listOf, text } from '../value-types.ts'

const ovsdbAddressWords = 'unix:/PATH or tcp:HOST:PORT'
const followsFromPort = 'the way follows from the Neutron port itself'

/** The options of `[binding]`: the container's end of a port. */
export const bindingOptions = {
  veth_dst_prefix: option(
    { ...text, words: 'up to 12 characters of an interface name', parse: interfacePrefix },
    'eth',
    'What the names of interfaces in a container start with; Docker adds the number.',
    { upstream: true },
  ),
  default_driver: option(
    driverName('veth', 'macvlan', 'ipvlan', 'vlan', 'hw_veb'),
    'kuryr.lib.binding.drivers.veth',
    'Kind of interface that a container gets, where `default_port_driver` is `nested` (`macvlan`, `ipvlan`) or `vlan` (`vlan`).',
    { upstream: true, aliases: ['driver'] },
  ),
  enabled_drivers: option(
    listOf(driverName('veth', 'macvlan', 'ipvlan', 'vlan', 'hw_veb')),
    'kuryr.lib.binding.drivers.veth',
    'Kinds of interface that may be used.',
    { upstream: true, withoutEffect: followsFromPort },
  ),
  link_iface: option(text, '', 'Interface of this machine that `macvlan`, `ipvlan` and `vlan` build on.', {
    upstream: true,
  }),
  ovsdb_connection: option(
    { ...text, words: ovsdbAddressWords, parse: ovsdbAddress },
    'unix:/run/openvswitch/db.sock',
    'Where the Open vSwitch of this host takes its configuration (OVSDB), for ports of `binding:vif_type` `ovs`.',
  ),
}

/** Linux takes 15 characters; three are left for the number that Docker adds. */
function interfacePrefix(value: string): { value: string } | { expected: string } {
  return /^[A-Za-z_][\w.-]{0,11}$/.test(value)
    ? { value }
    : { expected: 'up to 12 letters, digits, "_", "-" or ".", a letter first' }
}

/** As Open vSwitch and Neutron's agents write it. */
function ovsdbAddress(value: string): { value: string } | { expected: string } {
  const tcp = /^tcp:(\[[0-9a-fA-F:.]+\]|[^:\s/[\]]+):\d{1,5}$/
  return /^unix:\/\S+$/.test(value) || tcp.test(value) ? { value } : { expected: ovsdbAddressWords }
}
