import { hostPort, listenUri } from '../address-types.ts'
import { option, optional } from '../option.ts'
import { boolean, driverName, listOf, name, oneOf, path, seconds, text } from '../value-types.ts'
import { oslo } from './oslo-log.ts'

const upstream = { upstream: true }

/** The options of `[DEFAULT]`: the plugin itself, its logs, and what upstream has there. */
export const defaultOptions = {
  kuryr_uri: option(
    listenUri,
    'unix:///run/docker/plugins/kuryr.sock',
    'Where the plugin listens for Docker: `unix:///path`, or `http://host:port`, which off loopback needs `enable_ssl` and `ssl_ca_file`. Docker finds sockets in `/run/docker/plugins` by itself; for another place write its URI to `/etc/docker/plugins/kuryr.spec`. (Upstream: `http://127.0.0.1:23750`.)',
    { ...upstream, environment: ['OS_KURYR_URI'] },
  ),
  capability_scope: option(
    oneOf('local', 'global'),
    'local',
    "What Docker is told about the reach of a network: `global` shares networks between the Docker hosts of a cluster store (`dockerd --cluster-store`, up to Docker 20.10), `local` leaves each host's Docker to itself. The same on all hosts.",
    { ...upstream, environment: ['CAPABILITY_SCOPE'] },
  ),
  host: option(
    name,
    { words: 'the name of this host', from: machine => machine.hostname },
    'The name of this host in Neutron: `binding:host_id` of its ports and the host of its agent. Different on each host, and the same after each start.',
  ),
  state_path: option(path, '/var/lib/kuryr', 'Directory of what must outlive a restart of the daemon.'),
  call_timeout: option(
    seconds(1, 3600),
    '60',
    'Seconds after which a call of Docker is answered with an error, whatever it waits for. (Docker itself would wait for ever, and hold a lock.)',
  ),
  metrics_bind: optional(
    hostPort,
    'Address on which `GET /metrics` is served for a Prometheus, such as 127.0.0.1:9697. Without it metrics are on the plugin’s socket only.',
  ),
  describe_ports: option(
    boolean,
    'true',
    'Write the names and labels of containers to their ports in Neutron, as description and tags, learnt from the Docker engine (`[sharing] docker_host`).',
  ),
  local_default_address_space: option(
    text,
    'no_address_space',
    'Name of the address space that Docker is told for networks of local scope.',
    upstream,
  ),
  global_default_address_space: option(
    text,
    'no_address_space',
    'Name of the address space that Docker is told for networks of global scope.',
    upstream,
  ),
  subnetpool_name_prefix: option(
    text,
    'kuryrPool',
    'The subnet pool made for a CIDR is named `<prefix>-<CIDR>`.',
    upstream,
  ),
  process_external_connectivity: option(
    boolean,
    'true',
    'Open the ports that a container exposes (`--expose`, `EXPOSE`) or publishes (`-p`), by a security group of its Neutron port. (With the embedded Neutron every port is open.)',
    upstream,
  ),
  enable_ssl: option(boolean, 'false', 'Speak TLS on `kuryr_uri` when that is a TCP address.', upstream),
  ssl_cert_file: option(path, '/var/lib/kuryr/certs/cert.pem', 'Certificate for `enable_ssl`, PEM.', upstream),
  ssl_key_file: option(path, '/var/lib/kuryr/certs/key.pem', 'Private key of that certificate, PEM.', upstream),
  ssl_ca_file: optional(
    path,
    'Certificates of the authorities whose client certificates may call the plugin over TLS, PEM. `enable_ssl` needs it.',
  ),
  default_port_driver: option(
    driverName('veth', 'nested', 'vlan', 'sriov'),
    'kuryr_libnetwork.port_driver.drivers.veth',
    'How a Neutron port becomes an interface of the container: `veth` and `sriov` as the port’s `binding:vif_type` says; `nested` and `vlan` for containers inside a VM of the cloud.',
    upstream,
  ),
  enabled_port_drivers: option(
    listOf(driverName('veth', 'nested', 'vlan', 'sriov')),
    'kuryr_libnetwork.port_driver.drivers.veth',
    'Port drivers that may be used.',
    { ...upstream, withoutEffect: 'the way follows from the Neutron port itself' },
  ),
  port_driver: optional(driverName('veth', 'nested', 'vlan', 'sriov'), 'Older form of `default_port_driver`.', {
    ...upstream,
    withoutEffect: 'upstream never read it either',
  }),
  pybasedir: optional(text, 'Directory of the Python package.', { ...upstream, withoutEffect: 'no Python is used' }),
  bindir: option(path, '/usr/libexec/kuryr', 'Directory of the scripts that bind a port, one for each VIF type.', {
    ...upstream,
    withoutEffect: 'ports are bound without scripts',
  }),
  deployment_type: option(text, 'baremetal', 'Kind of machine the containers run on.', {
    ...upstream,
    withoutEffect: 'upstream never read it either',
  }),
  ...oslo,
}
