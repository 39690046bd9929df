import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EtcdProcess } from '../../contract/etcd-process.ts'
import { silentLog } from '../../contract/neutron-stores.ts'
import { openStore } from '../../../src/store/open-store.ts'
import { plainAddress } from './docker.ts'
import { isRoot } from './namespaces.ts'
import { operate } from './operator.ts'
import { Scene } from './scene.ts'

let etcd: EtcdProcess
let round = 0

describe.skipIf(!isRoot)('two hosts on etcd (needs root, bridge, veth)', () => {
  beforeAll(async () => {
    etcd = await EtcdProcess.create()
    await etcd.start()
  })
  afterAll(() => etcd.destroy())

  const scene = new Scene(() => {
    const store = openStore(`etcd://${etcd.endpoint}/test${round++}`, { log: silentLog })
    return Promise.resolve({ store, remove: () => store.close() })
  })

  it('a network made on one, used on both, removed on the other, leaves nothing', async () => {
    const { node1, node2 } = scene
    const subnet = ['10.0.0.0/24', 'fd00:1::/64']
    const network = await node1.docker.createNetwork({ subnet, ipv6: true })
    const starts = Array.from({ length: 12 }, async (_, at) => {
      const { docker } = at % 2 === 0 ? node1 : node2
      return { docker, container: await docker.run(network) }
    })
    const running = await Promise.all(starts)
    expect(new Set(running.map(({ container }) => plainAddress(container))).size).toBe(12)
    await node2.restart()
    await Promise.all(running.map(({ docker, container }) => docker.stop(container)))
    await node2.docker.removeNetwork(network)
    expect([...node1.docker.ignored, ...node2.docker.ignored]).toEqual([])
    await scene.expectNothingLeft()
  })

  it('networks with one CIDR, and on one Neutron network, made and removed on both hosts at once', async () => {
    const { node1, node2 } = scene
    await operate(scene.neutron)
    await scene.remember()
    const kinds = [{}, { 'neutron.net.name': 'blue' }]
    const all = [node1, node2].flatMap(({ docker }) => kinds.map(opt => ({ docker, opt: opt })))
    for (let time = 0; time < 10; time++) {
      const lives = all.map(async ({ docker, opt }) => {
        const network = await docker.createNetwork({ subnet: '10.5.0.0/24', opt })
        const container = await docker.run(network)
        await docker.stop(container)
        return { docker, network }
      })
      const made = await Promise.all(lives)
      await Promise.all(made.map(({ docker, network }) => docker.removeNetwork(network)))
      expect([...node1.docker.ignored, ...node2.docker.ignored]).toEqual([])
      await scene.expectNothingLeft()
    }
  })
})
