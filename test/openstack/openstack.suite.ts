import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Network, Port } from '../../src/neutron/resources.ts'
import { containerTags, CREATED_PORT_TAG, hostTag } from '../../src/ownership/marks.ts'
import { endpointOf, pings, startContainer } from '../e2e/containers.ts'
import { Experiment } from '../experiment/experiment.ts'
import { steps } from '../experiment/steps.ts'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import type { Lab } from '../lab/lab.ts'
import type { Cloud } from '../lab/openstack/cloud.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'
import { neutronOf, silent, startCloudLab } from './cloud-lab.ts'
import {
  addressOf,
  answersContainer,
  answersSandbox,
  bindingsOn,
  makeGroup,
  makeNetwork,
  makePort,
  plugIn,
  reaches,
} from './hand-made-port.ts'
import type { Kind } from './kinds.ts'
import { pretendPython } from './python-kuryr.ts'

const cidr = '10.7.0.0/24'
const drivers = ['--driver', 'kuryr', '--ipam-driver', 'kuryr']

/** The whole of what kuryr does on a real OpenStack, with one way to wire ports. */
export function openStackSuite({ kind, vifType, ...options }: Kind): void {
  describe(`kuryr on OpenStack, ${kind}`, () => {
    let lab: Lab
    let cloud: Cloud
    let experiment: Experiment
    let hosts: [DockerHost, DockerHost]
    beforeAll(async () => {
      ;({ lab, cloud } = await startCloudLab(kind, options))
      experiment = new Experiment(lab, silent, { neutron: neutronOf(cloud) })
      hosts = [lab.host(1), lab.host(2)]
    })
    afterAll(async () => {
      await lab.stop()
      expect(await lab.remains()).toEqual([])
    })

    describe('the experiment', () => {
      it.each(steps)('$title', step => step.run(experiment))
    })

    describe('on a network that VMs use', () => {
      let network: Network
      let vm: { port: Port; sandbox: string }
      let group: string

      beforeAll(async () => {
        network = await makeNetwork(cloud, cidr)
        const uuid = ['-o', `neutron.net.uuid=${network.id}`]
        await hosts[0].docker(
          'network',
          'create',
          ...drivers,
          '--subnet',
          cidr,
          '--gateway',
          '10.7.0.1',
          ...uuid,
          'vms',
        )
        const labels = ['team=net', 'Team=NET', 'größe=XL', 'example.org/role=db'].flatMap(label => ['--label', label])
        await startContainer(hosts[0], 'one', '--net', 'vms', ...labels)
        await startContainer(hosts[1], 'two', '--net', 'vms')
        const [port] = (await cloud.list('ports', `network_id=${network.id}`)) as Port[]
        expect(port?.['binding:vif_type']).toBe(vifType)
        group = port?.security_groups[0] ?? ''
      })

      it('the ports tell the names and labels of their containers', async () => {
        const told = await waitUntil('the ports do not tell of their containers', 20_000, async () => {
          const ports = (await cloud.list('ports', `network_id=${network.id}`)) as Port[]
          const one = ports.find(({ description }) => description === 'one')
          const isTold = containerTags(one?.tags ?? []).length > 0
          return isTold && ports.some(({ description }) => description === 'two') ? one : undefined
        })
        const labels = ['Team=NET', 'example.org/role=db']
        expect(containerTags(told.tags).sort()).toEqual(labels.map(label => `docker.label:${label}`))
        expect(told.tags).toEqual(expect.arrayContaining([CREATED_PORT_TAG, hostTag('node1')]))
      })

      it('a VM and containers on both hosts ping one another', async () => {
        const port = await makePort(cloud, network, hosts[1], { device_id: 'vm', security_groups: [group] })
        const bindings = bindingsOn(lab, cloud, hosts[1])
        const { containerInterface } = await bindings.bind({ port, network, endpointId: 'vm' }, {})
        await bindings.close()
        vm = { port, sandbox: await plugIn(hosts[1], containerInterface, port) }
        const address = addressOf(port)
        expect(await pings(hosts[0], 'one', address)).toBe(true)
        expect(await pings(hosts[1], 'two', address)).toBe(true)
        const { IPAddress } = await endpointOf(hosts[0], 'one', 'vms')
        expect(await reaches(hosts[1], vm.sandbox, IPAddress)).toBe(true)
      })

      it('--ip of a port that the operator made takes it, and gives it back as it was', async () => {
        const mac_address = 'fa:16:3e:77:77:77'
        const wish = { fixed_ips: [{ ip_address: '10.7.0.77' }], mac_address, name: 'reserved', device_owner: '' }
        const made = await makePort(cloud, network, undefined, { ...wish, security_groups: [group] })
        const chosen = ['--network', `name=vms,driver-opt=kuryr.port.id=${made.id}`]
        const labels = ['--label', 'team=net', '--label', 'example.org/role=db']
        await startContainer(hosts[0], 'reserved', ...chosen, '--ip', '10.7.0.77', ...labels)
        expect(await endpointOf(hosts[0], 'reserved', 'vms')).toMatchObject({ MacAddress: mac_address })
        expect(await hosts[0].docker('exec', 'reserved', 'cat', '/sys/class/net/eth0/address')).toBe(`${mac_address}\n`)
        expect(await cloud.port(made.id)).toMatchObject({ status: 'ACTIVE', device_owner: 'compute:kuryr' })
        expect(await reaches(hosts[1], vm.sandbox, '10.7.0.77')).toBe(true)
        await waitUntil('the port does not tell of its container', 20_000, async () => {
          const tags = containerTags((await cloud.port(made.id)).tags).sort()
          return tags.join() === 'docker.label:team=net,docker.name:reserved' ? true : undefined
        })
        await hosts[0].docker('rm', '--force', 'reserved')
        const { revision_number: _r, updated_at: _u, status: _s, ...asItWas } = made
        expect(await cloud.port(made.id)).toMatchObject({ ...asItWas, status: 'DOWN' })
        await cloud.api.call('DELETE', `/v2.0/ports/${made.id}`)
      })

      it('--ip of the VM is refused, and the VM goes on', async () => {
        const address = addressOf(vm.port)
        const refused = await hosts[0].tryDocker('run', '--net', 'vms', '--ip', address, 'busybox', 'true')
        expect(refused.stderr).toContain('in use')
        expect(await pings(hosts[0], 'one', address)).toBe(true)
      })

      it('driver options of an endpoint reach its port', async () => {
        const { security_group: web } = (await cloud.api.call('POST', '/v2.0/security-groups', {
          security_group: { name: 'web' },
        })) as { security_group: { id: string } }
        const groups = `"driver-opt=kuryr.port.security_groups=${group},web"`
        await startContainer(hosts[0], 'named', '--network', `name=vms,driver-opt=kuryr.port.name=web-1,${groups}`)
        const [port] = (await cloud.list('ports', 'name=web-1')) as Port[]
        expect(port?.security_groups.toSorted()).toEqual([group, web.id].sort())
        expect(port?.device_id).toBe((await endpointOf(hosts[0], 'named', 'vms')).EndpointID)
        await hosts[0].docker('restart', '--time', '0', 'named')
        const again = (await cloud.list('ports', 'name=web-1')) as Port[]
        expect(again.map(({ device_id }) => device_id)).toEqual([
          (await endpointOf(hosts[0], 'named', 'vms')).EndpointID,
        ])
        await hosts[0].docker('rm', '--force', 'named')
        const chosen = `name=vms,driver-opt=kuryr.port.id=${vm.port.id}`
        const refused = await hosts[0].tryDocker('run', '--network', chosen, 'busybox', 'true')
        expect(refused.stderr).toContain(`option kuryr.port.id=${vm.port.id}: that port is in use by`)
        await cloud.api.call('DELETE', `/v2.0/security-groups/${web.id}`)
      })

      it('goes on where the Python daemon stopped, and leaves the VM and its network as they were', async () => {
        await pretendPython(lab, cloud, 'vms')
        await startContainer(hosts[1], 'three', '--net', 'vms')
        const { IPAddress } = await endpointOf(hosts[0], 'one', 'vms')
        expect(await pings(hosts[1], 'three', IPAddress)).toBe(true)
        await hosts[0].docker('rm', '--force', 'one')
        await hosts[1].docker('rm', '--force', 'two', 'three')
        await hosts[1].docker('network', 'rm', 'vms')
        const ports = (await cloud.list('ports', `network_id=${network.id}`)) as Port[]
        expect(ports.map(({ id }) => id)).toEqual([vm.port.id])
        const [kept] = (await cloud.list('networks', `id=${network.id}`)) as Network[]
        expect(kept).toMatchObject({ name: 'blue', tags: [], subnets: [vm.port.fixed_ips[0]?.subnet_id] })
        expect(await cloud.list('subnets', `network_id=${network.id}`)).toMatchObject([{ cidr, tags: [] }])
        expect(await cloud.list('subnetpools')).toEqual([])
      })
    })

    it('what the Python daemon made is used, and removed with its Docker network', async () => {
      const subnet = ['--subnet', '10.8.0.0/24', '--gateway', '10.8.0.1']
      const id = await hosts[0].docker('network', 'create', ...drivers, ...subnet, 'python')
      const names = {
        networks: `kuryr-net-${id.slice(0, 8)}`,
        subnets: 'kuryr-subnet-10.8.0.0/24',
        subnetpools: 'kuryrPool-10.8.0.0/24',
      }
      for (const [kind, name] of Object.entries(names)) {
        expect(await cloud.list(kind, `name=${name}`)).toHaveLength(1)
      }
      await startContainer(hosts[0], 'old', '--net', 'python')
      await pretendPython(lab, cloud, 'python')
      await startContainer(hosts[1], 'new', '--net', 'python')
      const { IPAddress } = await endpointOf(hosts[0], 'old', 'python')
      expect(await pings(hosts[1], 'new', IPAddress)).toBe(true)
      await hosts[0].docker('rm', '--force', 'old')
      await hosts[1].docker('rm', '--force', 'new')
      await hosts[1].docker('network', 'rm', 'python')
      for (const [kind, name] of Object.entries(names)) expect(await cloud.list(kind, `name=${name}`)).toEqual([])
    })

    it('a VM in no group of theirs reaches the exposed port of a container, by IPv4 and IPv6, and no other', async () => {
      const [cidr4, cidr6] = ['10.9.0.0/24', 'fd09::/64']
      const network = await makeNetwork(cloud, cidr4)
      const six = { ip_version: 6, cidr: cidr6, gateway_ip: 'fd09::1', enable_dhcp: false }
      await cloud.api.call('POST', '/v2.0/subnets', { subnet: { network_id: network.id, ...six } })
      const subnets = ['--subnet', cidr4, '--gateway', '10.9.0.1', '--ipv6', '--subnet', cidr6, '--gateway', 'fd09::1']
      const uuid = ['-o', `neutron.net.uuid=${network.id}`]
      await hosts[0].docker('network', 'create', ...drivers, ...subnets, ...uuid, 'web')
      const alone = await makeGroup(cloud, 'alone')
      const port = await makePort(cloud, network, hosts[1], { device_id: 'client', security_groups: [alone] })
      const bindings = bindingsOn(lab, cloud, hosts[1])
      const { containerInterface } = await bindings.bind({ port, network, endpointId: 'client' }, {})
      const sandbox = await plugIn(hosts[1], containerInterface, port)
      const [, address6] = port.fixed_ips
      await hosts[1].run('ip', '-n', sandbox, 'addr', 'add', `${address6?.ip_address}/64`, 'dev', 'eth0', 'nodad')

      await startContainer(hosts[0], 'web', '--net', 'web', '--expose', '8080')
      await startContainer(hosts[1], 'friend', '--net', 'web')
      for (const port of [8080, 8081]) {
        await hosts[0].docker('exec', '--detach', 'web', 'httpd', '-f', '-p', `[::]:${port}`)
      }
      const { IPAddress, GlobalIPv6Address } = await endpointOf(hosts[0], 'web', 'web')
      for (const address of [IPAddress, GlobalIPv6Address]) {
        // A container in Neutron's default group, as the other, sees that both ports are listened on.
        const [open, closed] = [
          { address, port: 8080 },
          { address, port: 8081 },
        ]
        for (const to of [open, closed]) expect(await answersContainer(hosts[1], 'friend', to), to.address).toBe(true)
        expect(await answersSandbox(hosts[1], sandbox, { ...open, seconds: 5 }), address).toBe(true)
        expect(await answersSandbox(hosts[1], sandbox, { ...closed, seconds: 2 }), address).toBe(false)
      }
      await hosts[0].docker('rm', '--force', 'web')
      await hosts[1].docker('rm', '--force', 'friend')
      await hosts[0].docker('network', 'rm', 'web')
      await bindings.unbind({ portId: port.id, networkId: network.id }, {})
      await bindings.close()
      await hosts[1].run('ip', 'netns', 'delete', sandbox)
      await cloud.api.call('DELETE', `/v2.0/ports/${port.id}`)
      await cloud.api.call('DELETE', `/v2.0/networks/${network.id}`)
    })

    it('leaves no link and no port of Open vSwitch on any host but the VM’s', async () => {
      for (const [index, host] of hosts.entries()) {
        const links = await host.run('ip', '-brief', 'link', 'show')
        const taps = links.split('\n').filter(line => /^(tap|t_c|qvo)/.test(line))
        // With the hybrid plug a VM has two.
        expect(taps.length > 0).toBe(index === 1)
        const find = ['--bare', '--columns=name', 'find', 'Interface', 'external_ids:owner=kuryr']
        const owned = (await cloud.switches.get(host)?.vsctl(...find)) ?? ''
        const expected = index === 1 && vifType === 'ovs' ? 1 : 0
        expect(owned.split('\n').filter(line => line !== '')).toHaveLength(expected)
      }
    })
  })
}
