import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Docker, type EndpointRecord, type NetworkFlags, type NetworkRecord } from './docker.ts'
import { interposed } from './interposed.ts'
import { isRoot } from './namespaces.ts'
import { addPort, operate } from './operator.ts'
import { DockerError } from './plugin-client.ts'
import { refusal } from './refusals.ts'
import { contentOf, Scene } from './scene.ts'

const flags: NetworkFlags = {
  subnet: ['10.0.0.0/24', 'fd00:1::/64'],
  ipv6: true,
  gateway: '10.0.0.254',
  aux: { router: '10.0.0.3' },
  opt: { 'neutron.net.name': 'blue' },
}
const shapes: [string, NetworkFlags, object][] = [
  ['dual stack, made', { subnet: ['10.1.0.0/24', 'fd00:1::/64'], ipv6: true }, {}],
  ['dual stack on the operator’s network', flags, {}],
  ['the operator’s port', { subnet: '10.0.0.0/24', ipamOpt: { 'neutron.net.name': 'blue' } }, { ip: '10.0.0.77' }],
]

describe.skipIf(!isRoot)('interruptions (needs root, bridge, veth)', () => {
  const scene = new Scene()

  async function prepare(): Promise<void> {
    const { subnet } = await operate(scene.neutron)
    await addPort(scene.neutron, subnet, '10.0.0.77')
    await scene.remember()
  }

  /** Docker's life with a network and a container: whatever fails, it goes on to remove what it knows. */
  async function life(docker: Docker, [, network, run]: (typeof shapes)[0], order?: 'network first'): Promise<boolean> {
    let made: NetworkRecord | undefined
    let container: EndpointRecord | undefined
    try {
      made = await docker.createNetwork(network)
      container = await docker.run(made, run)
    } catch (error) {
      if (!(error instanceof DockerError)) throw error
      expect(error.message).toMatch(/^\S+: \S+ \S+/)
    }
    // A start that failed has left no port, even before the network goes.
    if (!container) expect(await scene.neutron.ports.list({ tags: ['compute:kuryr'] })).toEqual([])
    if (container) await docker.stop(container)
    if (made) await docker.removeNetwork(made, order)
    return container !== undefined
  }

  it.each(shapes)(
    '%s: a daemon restarted before any call of Docker’s goes on or refuses, and nothing is left',
    async (...shape) => {
      await prepare()
      let wentOn = 0
      for (let cut = 0; ; cut++) {
        let calls = 0
        const docker = new Docker(async (method, message) => {
          if (calls++ === cut) await scene.node1.restart()
          return scene.node1.call(method, message)
        })
        wentOn += Number(await life(docker, shape, cut % 2 === 0 ? 'network first' : undefined))
        expect(docker.ignored, `cut before call ${cut}`).toEqual([])
        await scene.expectNothingLeft()
        if (calls <= cut) break
      }
      expect(wentOn).toBeGreaterThan(8)
    },
  )

  it.each(shapes)('%s: every call sent twice does what one does', async (...shape) => {
    await prepare()
    // These make a new thing each time, by the protocol; Docker never repeats them with their message.
    const makes = ['IpamDriver.RequestPool', 'IpamDriver.RequestAddress']
    const docker = new Docker(async (method, message) => {
      const first = await scene.node1.call(method, message)
      if (makes.includes(method)) return first
      const second = await scene.node1.call(method, message)
      expect(second).toEqual(first)
      return second
    })
    expect(await life(docker, shape)).toBe(true)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it('RequestAddress sent twice takes a second address, which the network’s end lets go', async () => {
    const docker = new Docker(async (method, message) => {
      if (method === 'IpamDriver.RequestAddress') await scene.node1.call(method, message)
      return scene.node1.call(method, message)
    })
    expect(await life(docker, ['', { subnet: '10.1.0.0/24' }, {}])).toBe(true)
    expect(docker.ignored).toEqual([])
    await scene.expectNothingLeft()
  })

  it.each(shapes)(
    '%s: a network service that fails at any one change leaves nothing of what failed',
    async (...shape) => {
      await prepare()
      let cut = 0
      let changes = 0
      let failing = true
      const host = await scene.reopen({
        through: neutron =>
          interposed(neutron, ({ name, proceed }) => {
            if (/\.(list|show)$/.test(name) || !failing || changes++ !== cut) return proceed()
            return Promise.reject(new Error(`the network service was away at ${name}`))
          }),
      })
      for (; ; cut++) {
        changes = 0
        const docker = new Docker((method, message) => {
          // What Docker does not ask twice (removals) is the journal's, which is not here yet.
          failing = /Request|Create|Join/.test(method)
          return host.call(method, message)
        })
        await life(docker, shape)
        expect(docker.ignored, `failure of change ${cut}`).toEqual([])
        await scene.expectNothingLeft()
        if (changes <= cut) break
      }
      expect(cut).toBeGreaterThan(5)
    },
  )

  it.each(shapes)('%s: a call that its deadline cuts off undoes what it did', async (...shape) => {
    await prepare()
    let cut = 0
    let changes = 0
    let active = true
    const host = await scene.reopen({
      callTimeout: 0.3,
      through: neutron =>
        interposed(neutron, async ({ name, proceed }) => {
          const slow = active && !/\.(list|show|delete|removeTags)$/.test(name) && changes++ === cut
          try {
            return await proceed()
          } finally {
            if (slow) await sleep(400)
          }
        }),
    })
    for (; ; cut++) {
      changes = 0
      const docker = new Docker((method, message) => {
        active = /Request|Create|Join/.test(method)
        return host.call(method, message)
      })
      const succeeded = await life(docker, shape)
      expect(docker.ignored, `slow change ${cut}`).toEqual([])
      await scene.expectNothingLeft()
      if (changes <= cut) {
        expect(succeeded).toBe(true)
        break
      }
      expect(succeeded, `slow change ${cut}`).toBe(false)
    }
    expect(cut).toBeGreaterThan(5)
  })

  it('the deadline’s refusal says what happened', async () => {
    const host = await scene.reopen({
      callTimeout: 0.2,
      through: neutron =>
        interposed(neutron, async ({ name, proceed }) => {
          if (name === 'subnetpools.create') await sleep(300)
          return proceed()
        }),
    })
    const { message, status } = await refusal(host.docker.createNetwork({ subnet: '10.1.0.0/24' }))
    expect(message).toContain('was not done within its deadline of 0.2 s')
    expect(status).toBe(503)
    expect((await contentOf(scene.neutron)).subnetpools).toEqual([])
  })
})
