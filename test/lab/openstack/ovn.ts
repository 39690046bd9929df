import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { DockerHost } from '../hosts/docker-host.ts'
import { LongRunning } from '../processes/long-running.ts'
import { outputOf } from '../processes/run-program.ts'
import type { OpenVSwitch } from './open-vswitch.ts'
import { provideDebianPackages } from './openstack-packages.ts'
import { addressOf, type ServicePlace, startService } from './service-place.ts'

/** OVN's two databases, and the TCP ports that they are usually served on. */
const databases = { nb: 6641, sb: 6642 }

/** How Neutron and the hosts reach OVN. */
export interface OvnCentral {
  northbound: string
  southbound: string
}

/** Starts OVN's databases and ovn-northd in the place. They end with the lab. */
export async function startOvnCentral(place: ServicePlace): Promise<OvnCentral> {
  await provideDebianPackages(['ovn-central', 'openvswitch-switch'])
  const directory = path.join(place.directory, 'ovn')
  await mkdir(directory, { recursive: true })
  for (const [name, port] of Object.entries(databases)) {
    const file = path.join(directory, `${name}.db`)
    if (!existsSync(file)) await outputOf('ovsdb-tool', ['create', file, `/usr/share/ovn/ovn-${name}.ovsschema`])
    const remotes = [`--remote=punix:${directory}/${name}.sock`, `--remote=ptcp:${port}:${addressOf(place)}`]
    const server = await startService(place, `ovn-${name}`, [
      'ovsdb-server',
      file,
      ...remotes,
      `--unixctl=${directory}/${name}.ctl`,
    ])
    await server.ready(10_000, () => Promise.resolve(existsSync(`${directory}/${name}.sock`)))
  }
  const sockets = [`--ovnnb-db=unix:${directory}/nb.sock`, `--ovnsb-db=unix:${directory}/sb.sock`]
  await startService(place, 'ovn-northd', ['ovn-northd', ...sockets, `--unixctl=${directory}/northd.ctl`])
  const url = (port: number): string => `tcp:${addressOf(place)}:${port}`
  return { northbound: url(databases.nb), southbound: url(databases.sb) }
}

/** Makes a host with Open vSwitch a chassis of OVN; ovn-controller makes `br-int`, with the userspace datapath. */
export async function startOvnController(
  host: DockerHost,
  openVSwitch: OpenVSwitch,
  { southbound }: OvnCentral,
): Promise<void> {
  await provideDebianPackages(['ovn-host'])
  const encapsulation = ['external_ids:ovn-encap-type=geneve', `external_ids:ovn-encap-ip=${host.address}`]
  const chassis = [`external_ids:system-id=${host.name}`, `external_ids:ovn-remote=${southbound}`, ...encapsulation]
  await openVSwitch.vsctl('set', 'Open_vSwitch', '.', ...chassis, 'external_ids:ovn-bridge-datapath-type=netdev')
  const directory = path.join(host.directory, 'openvswitch')
  await host.run('mkdir', '-p', '/run/ovn')
  const { program, args, environment } = host.namespaces.enter(['ovn-controller', 'unix:/run/openvswitch/db.sock'])
  const logFile = path.join(directory, 'ovn-controller.log')
  const name = `ovn-controller of ${host.name}`
  const controller = await LongRunning.start({ name, program, args, environment, logFile })
  await controller.ready(30_000, async () => (await openVSwitch.vsctl('list-br')).split('\n').includes('br-int'))
}

/** What neutron-server must be told for its OVN mechanism driver, as more lines of ml2.ini. */
export function ovnMl2Ini({ northbound, southbound }: OvnCentral): string {
  return `[ml2]
type_drivers = local,flat,vxlan,geneve
tenant_network_types = geneve
[ml2_type_geneve]
vni_ranges = 1:65536
max_header_size = 38
[ovn]
ovn_nb_connection = ${northbound}
ovn_sb_connection = ${southbound}
ovn_metadata_enabled = false
`
}
