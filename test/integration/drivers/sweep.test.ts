import { describe, expect, it } from 'vitest'
import { pino } from 'pino'
import { sweepHalfMade } from '../../../src/ownership/sweep.ts'
import { Docker, type NetworkFlags, type RunFlags } from './docker.ts'
import { interposed } from './interposed.ts'
import { isRoot } from './namespaces.ts'
import { addPort, operate } from './operator.ts'
import { contentOf, Scene } from './scene.ts'

const log = pino({ level: 'silent' })
const HOUR = 3_600_000

class Killed extends Error {}

/** A dockerd that dies together with the daemon right after the given call. */
function dyingAfter(method: string, send: (method: string, message: object) => Promise<unknown>): Docker {
  let dead = false
  return new Docker(async (name, message) => {
    if (dead) throw new Killed()
    const answer = await send(name, message)
    dead = name === method
    if (dead) throw new Killed()
    return answer
  })
}

describe.skipIf(!isRoot)('the sweep of what a killed daemon and dockerd left (needs root)', () => {
  const scene = new Scene()

  const sweep = (later: number): Promise<void> =>
    sweepHalfMade(scene.neutron, { host: 'a', now: Date.now() + later, log }, {})

  const life = async (docker: Docker, flags: NetworkFlags, run: RunFlags = {}): Promise<void> => {
    try {
      await docker.run(await docker.createNetwork(flags), run)
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }

  it.each([
    ['a pool', 'IpamDriver.RequestPool', { subnet: '10.1.0.0/24' }],
    ['a pool for the operator’s subnet', 'IpamDriver.RequestPool', { ipamOpt: { 'neutron.subnet.name': 'blue-4' } }],
  ])('%s that no network took is removed, once it is older than a minute', async (_, method, flags: NetworkFlags) => {
    await operate(scene.neutron)
    await scene.remember()
    await life(
      dyingAfter(method, (name, message) => scene.node1.call(name, message)),
      flags,
    )
    const before = await contentOf(scene.neutron)
    await sweep(0)
    expect(await contentOf(scene.neutron)).toEqual(before)
    await sweep(HOUR)
    await scene.expectNothingLeft()
  })

  it('the port of a start that was cut off is removed, an adopted one given back; living networks and containers stay', async () => {
    const { subnet } = await operate(scene.neutron)
    await addPort(scene.neutron, subnet, '10.0.0.77')
    const { node1, node2 } = scene
    const opt = { 'neutron.net.name': 'blue' }
    const network = await node1.docker.createNetwork({ subnet: subnet.cidr, opt })
    await node1.docker.createNetwork({ subnet: '10.1.0.0/24' })
    await node1.docker.run(network)
    await node2.docker.run(network)
    await scene.remember()
    const address = (ip = ''): object => ({ PoolID: network.pools[0]?.poolId, Address: ip, Options: null })
    await node1.call('IpamDriver.RequestAddress', address())
    await node1.call('IpamDriver.RequestAddress', address('10.0.0.77'))
    const onOtherHost = await node2.call('IpamDriver.RequestAddress', address('10.0.0.99'))
    expect(onOtherHost).toMatchObject({ Address: '10.0.0.99/24' })
    await sweep(HOUR)
    await node2.call('IpamDriver.ReleaseAddress', address('10.0.0.99'))
    const after = await contentOf(scene.neutron)
    expect(after.ports.filter(({ tags }) => tags.includes('compute:kuryr'))).toHaveLength(2)
    expect(after.ports.find(port => port.fixed_ips[0]?.ip_address === '10.0.0.77')).toMatchObject({
      tags: [],
      device_owner: '',
    })
    expect(after.networks).toHaveLength(2)
    expect(after.subnetpools).toHaveLength(3)
  })

  it.each(['subnetpools.addTags', 'networks.addTags', 'networks.create'])(
    'a network of which the daemon made all up to %s is removed, the operator’s one freed of our marks',
    async last => {
      await operate(scene.neutron)
      await scene.remember()
      let dead = false
      const host = await scene.reopen({
        through: neutron =>
          interposed(neutron, async ({ name, proceed }) => {
            if (dead) throw new Error('killed')
            const result = await proceed()
            dead = name === last
            return result
          }),
      })
      const opt = last === 'networks.addTags' ? { 'neutron.net.name': 'blue' } : {}
      await host.docker.createNetwork({ subnet: '10.1.0.0/24', opt: opt }).catch(() => undefined)
      expect((await contentOf(scene.neutron)).subnetpools.length).toBe(2)
      await sweepHalfMade(scene.neutron, { host: 'c', now: Date.now() + HOUR, log }, {})
      await scene.expectNothingLeft()
    },
  )
})
