import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endpointOf, pings, startContainer } from '../e2e/containers.ts'
import { comesTo, createNetwork, goesFrom, sharedIdOf } from '../e2e/sharing/shared-networks.ts'
import type { Port } from '../../src/neutron/resources.ts'
import type { DockerHost } from '../lab/hosts/docker-host.ts'
import type { Lab } from '../lab/lab.ts'
import type { Cloud } from '../lab/openstack/cloud.ts'
import { waitUntil } from '../lab/processes/wait-until.ts'
import { startCloudLab } from './cloud-lab.ts'
import { linuxbridge } from './kinds.ts'

describe('Docker 26 on OpenStack', () => {
  let lab: Lab
  let cloud: Cloud
  let node1: DockerHost
  let node2: DockerHost
  let group: string
  beforeAll(async () => {
    const sharing = { poll: '1', docker_host: 'unix:///run/docker.sock' }
    ;({ lab, cloud } = await startCloudLab('sharing', linuxbridge, { docker: '26', kuryr: { sharing } }))
    ;[node1, node2] = [lab.host(1), lab.host(2)]
    const made = await cloud.api.call('POST', '/v2.0/security-groups', { security_group: { name: 'web' } })
    group = (made as { security_group: { id: string } }).security_group.id
    const rule = { security_group_id: group, direction: 'ingress' }
    await cloud.api.call('POST', '/v2.0/security-group-rules', { security_group_rule: rule })
  })
  afterAll(async () => {
    await lab.stop()
  })

  describe.each([
    ['without any store: networks are shared by tags in Neutron', () => 'sqlite://$state_path/unused.db', 1],
    ['with an etcd that is there for sharing alone', () => `etcd://${lab.etcd.endpoint}`, 0],
  ])('%s', (_, urlOfStore, tagged) => {
    beforeAll(async () => {
      for (const { kuryr } of lab.hosts) {
        await kuryr.configure({ store: { url: urlOfStore() } })
        await kuryr.restart()
      }
    })

    it('a network made on one host is on the other, and their containers reach each other', async () => {
      const web = ['-o', 'kuryr.security_groups=web']
      const id = await createNetwork(node1, 'blue', '--subnet', '10.40.0.0/24', '--label', 'of="a, b"', ...web)
      const network = await comesTo(node2, 'blue')
      expect(sharedIdOf(network)).toBe(id)
      expect(network.Labels).toEqual({ of: '"a, b"' })
      await startContainer(node1, 'one', '--net', 'blue')
      await startContainer(node2, 'two', '--net', 'blue')
      expect(await pings(node2, 'two', (await endpointOf(node1, 'one', 'blue')).IPAddress)).toBe(true)
      const ports = (await cloud.list('ports', 'device_owner=compute:kuryr')) as Port[]
      expect(ports.map(({ security_groups }) => security_groups)).toEqual([[group], [group]])
      expect(await cloud.list('networks', 'tags=kuryr.shared:default')).toHaveLength(tagged)
    })

    it('removed on one host while used on the other, it comes back; used nowhere, it goes, and Neutron has nothing of it', async () => {
      await node1.docker('rm', '--force', 'one')
      await node1.docker('network', 'rm', 'blue')
      await comesTo(node1, 'blue')
      await node2.docker('rm', '--force', 'two')
      await node1.docker('network', 'rm', 'blue')
      await goesFrom(node2, 'blue')
      await waitUntil('something of blue is still in Neutron', 30_000, async () => {
        const left = await Promise.all(['networks', 'subnets', 'subnetpools', 'ports'].map(kind => cloud.list(kind)))
        return left.flat().length === 0 ? true : undefined
      })
    })

    it('the same name on both hosts at once: one wins, both have it, and Neutron has it once', async () => {
      await Promise.all([node1, node2].map(host => createNetwork(host, 'red', '--subnet', '10.41.0.0/24')))
      await waitUntil('the hosts do not agree on red', 60_000, async () => {
        const ids = await Promise.all([node1, node2].map(async host => sharedIdOf(await comesTo(host, 'red'))))
        const networks = await cloud.list('networks')
        return ids[0] === ids[1] && networks.length === 1 ? true : undefined
      })
      await node2.docker('network', 'rm', 'red')
      await goesFrom(node1, 'red')
    })
  })
})
