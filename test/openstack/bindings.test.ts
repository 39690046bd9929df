import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NeutronError } from '../../src/neutron/errors.ts'
import type { Network, Port } from '../../src/neutron/resources.ts'
import type { PortBindings } from '../../src/port-binding/open-port-bindings.ts'
import { removeStalePlugs } from '../../src/port-binding/remove-stale-plugs.ts'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { type Cloud, startCloud } from '../lab/openstack/cloud.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'
import { addressOf, bindingsOn, makeNetwork, makePort, plugIn, reaches } from './hand-made-port.ts'
import { hybrid, type Kind, linuxbridge, openvswitch, ovn } from './kinds.ts'

const kinds: Kind[] = [linuxbridge, openvswitch, hybrid, ovn]

describe.each(kinds)('port bindings with $kind', ({ kind: _kind, vifType, ...options }) => {
  let lab: Lab
  let cloud: Cloud
  let network: Network
  let hosts: { host: DockerHost; bindings: PortBindings; port: Port; sandbox: string }[] = []

  beforeAll(async () => {
    lab = await startLab({ name: 'port bindings', kuryr: false })
    cloud = await startCloud(lab, options)
    network = await makeNetwork(cloud, '10.50.0.0/24')
  })
  afterAll(async () => {
    for (const { bindings } of hosts) await bindings.close()
    await lab.stop()
    expect(await lab.remains()).toEqual([])
  })

  it('plug ports that the agents wire: they become ACTIVE', async () => {
    hosts = await Promise.all(
      lab.hosts.map(async host => {
        const bindings = bindingsOn(lab, cloud, host)
        const port = await makePort(cloud, network, host)
        expect(port['binding:vif_type']).toBe(vifType)
        const { containerInterface } = await bindings.bind({ port, network, endpointId: host.name }, {})
        expect((await cloud.port(port.id)).status).toBe('ACTIVE')
        return { host, bindings, port, sandbox: await plugIn(host, containerInterface, port) }
      }),
    )
  })

  it('carry packets between hosts, up to the MTU of the network', async () => {
    const [one, other] = hosts as [(typeof hosts)[0], (typeof hosts)[0]]
    expect(await reaches(one.host, one.sandbox, addressOf(other.port))).toBe(true)
    const largest = ['-M', 'do', '-s', String(network.mtu - 28)]
    expect(await reaches(other.host, other.sandbox, addressOf(one.port), ...largest)).toBe(true)
  })

  it('carry TCP', async () => {
    const [one, other] = hosts as [(typeof hosts)[0], (typeof hosts)[0]]
    const address = addressOf(one.port)
    const serve = ['ip', 'netns', 'exec', one.sandbox, 'timeout', '60', 'python3', '-m', 'http.server', '8080'] as const
    await one.host.run('sh', '-c', 'cd /usr/share/doc; "$@" >/dev/null 2>&1 &', 'sh', ...serve)
    const fetch = ['ip', 'netns', 'exec', other.sandbox, 'curl', '--silent', '--fail', '--max-time', '5'] as const
    const page = await waitUntil('no page over TCP', 30_000, () => other.host.run(...fetch, `http://${address}:8080/`))
    expect(page).toContain('Directory listing')
  })

  it('remove at start what is left of a port that Neutron no longer has, and nothing else', async () => {
    const { host, port: kept, bindings } = (hosts as [(typeof hosts)[0]])[0]
    const lost = await makePort(cloud, network, host)
    await bindings.bind({ port: lost, network, endpointId: 'lost' }, {})
    await cloud.api.call('DELETE', `/v2.0/ports/${lost.id}`)
    const restarted = bindingsOn(lab, cloud, host)
    const silent = { info: () => undefined, warn: () => undefined }
    const neutron = {
      ports: {
        show: (id: string) => (id === lost.id ? Promise.reject(new NeutronError('PortNotFound', id)) : cloud.port(id)),
      },
    }
    const removed = await removeStalePlugs({ binding: restarted, neutron, host: host.name, log: silent }, {})
    expect(removed).toEqual([lost.id])
    expect((await restarted.plugs?.({}))?.map(({ portId }) => portId)).toEqual([kept.id])
    await restarted.close()
  })

  it('unplug: Neutron sees the port DOWN', async () => {
    for (const { bindings, port } of hosts) {
      await bindings.unbind({ portId: port.id, networkId: network.id }, {})
      await waitUntil('port not DOWN', 30_000, async () =>
        (await cloud.port(port.id)).status === 'DOWN' ? true : undefined,
      )
      expect(await bindings.plugs?.({})).toEqual([])
    }
  })
})
