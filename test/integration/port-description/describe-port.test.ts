import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NeutronService } from '../../../src/neutron-service/neutron-service.ts'
import { openNeutronService } from '../../../src/neutron-service/open-neutron-service.ts'
import type { Port } from '../../../src/neutron/resources.ts'
import { containerNameOf } from '../../../src/ownership/container-ports.ts'
import { giveBackPort } from '../../../src/ownership/give-back-port.ts'
import { ADOPTED_PORT_TAG, CREATED_PORT_TAG, hostTag, poolTag } from '../../../src/ownership/marks.ts'
import { type ContainerWords, describePort } from '../../../src/port-description/describe-port.ts'
import { silentLog, sqliteStore, type TestStore } from '../../contract/neutron-stores.ts'

const signal = new AbortController().signal
const web: ContainerWords = { name: 'web', labels: { team: 'net', 'a/b': 'c' } }
const byName = (one: string, other: string): number => (one < other ? -1 : 1)
const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`label-${100 + index}`, 'x']))

describe('the description of a port', () => {
  let stored: TestStore
  let neutron: NeutronService
  let networkId: string
  const warnings: unknown[] = []
  beforeAll(async () => {
    stored = await sqliteStore()
    neutron = openNeutronService({ store: stored.store, host: 'here', log: silentLog, defaultMtu: 1450 })
    await neutron.registerAgent({ tunnelingIp: '', version: 'test' })
    networkId = (await neutron.networks.create({ name: 'blue' })).id
  })
  afterAll(async () => {
    await neutron.close()
    await stored.remove()
  })
  beforeEach(() => {
    warnings.length = 0
  })

  const made = (tags: string[], description = 'of the operator'): Promise<Port> =>
    neutron.ports.create({
      network_id: networkId,
      description,
      device_id: 'endpoint',
      'binding:host_id': 'here',
      tags: tags.toSorted(byName),
    })
  const created = (): Promise<Port> => made([CREATED_PORT_TAG, hostTag('here'), poolTag('p')], 'kuryr.host:here x')
  const adopted = (...more: string[]): Promise<Port> => made([ADOPTED_PORT_TAG, hostTag('here'), poolTag('p'), ...more])

  const describeIt = async (port: Port, container: ContainerWords): Promise<Port> => {
    const log = { warn: (about: unknown) => warnings.push(about) }
    await describePort({ neutron, log }, await neutron.ports.show(port.id), container, { signal })
    const after = await neutron.ports.show(port.id)
    return { ...after, tags: after.tags.toSorted(byName) }
  }

  it('that we made is the container’s name, and its tags are the labels; nothing is written twice', async () => {
    const port = await created()
    const first = await describeIt(port, web)
    expect(first.description).toBe('web')
    expect(first.tags).toEqual([...port.tags, 'docker.label:a/b=c', 'docker.label:team=net'].sort(byName))
    expect(containerNameOf(first)).toBe('web')
    expect((await describeIt(port, web)).revision_number).toBe(first.revision_number)
    const renamed = await describeIt(port, { name: 'other', labels: { team: 'db' } })
    expect(renamed.description).toBe('other')
    expect(renamed.tags).toEqual([...port.tags, 'docker.label:team=db'].sort(byName))
    expect(warnings).toEqual([])
  })

  it('of a container without labels has the tags that were there', async () => {
    const port = await created()
    expect((await describeIt(port, { name: 'web', labels: {} })).tags).toEqual(port.tags)
  })

  it('has the first 32 of many labels', async () => {
    const port = await created()
    const { tags } = await describeIt(port, { name: 'web', labels: many(60) })
    expect(tags).toHaveLength(port.tags.length + 32)
    expect(tags).toContain('docker.label:label-131=x')
    expect(tags).not.toContain('docker.label:label-132=x')
  })

  it('of the operator stays; the name and up to eight labels are tags, and go when the port is given back', async () => {
    const port = await adopted('theirs')
    const first = await describeIt(port, web)
    expect(first.description).toBe('of the operator')
    // A slash cannot be in the path of the request that adds one tag.
    expect(first.tags).toEqual([...port.tags, 'docker.label:team=net', 'docker.name:web'].sort(byName))
    expect(containerNameOf(first)).toBe('web')
    const { tags } = await describeIt(port, { name: 'renamed', labels: many(60) })
    expect(tags).toHaveLength(port.tags.length + 9)
    expect(tags).toEqual(expect.arrayContaining(['docker.name:renamed', 'docker.label:label-107=x']))
    expect(tags).not.toContain('docker.name:web')
    // As the drivers give it back: with what they remember of it.
    await giveBackPort(neutron, port, { signal })
    const { description, tags: left, device_id } = await neutron.ports.show(port.id)
    expect([description, left, device_id]).toEqual(['of the operator', ['theirs'], ''])
  })

  it('leaves no tag on the operator’s port that is given back meanwhile', async () => {
    const port = await adopted('theirs')
    const seen = await neutron.ports.show(port.id)
    await giveBackPort(neutron, port, { signal })
    await describePort({ neutron, log: silentLog }, seen, web, { signal })
    expect((await neutron.ports.show(port.id)).tags).toEqual(['theirs'])
  })

  it('takes no more tags than there is room for', async () => {
    const others = Array.from({ length: 45 }, (_, index) => `their-${index}`)
    const { tags } = await describeIt(await adopted(...others), { name: 'web', labels: { a: '1', b: '2', c: '3' } })
    expect(tags).toHaveLength(50)
    expect(tags).toEqual(expect.arrayContaining(['docker.name:web', 'docker.label:a=1']))
    expect(tags).not.toContain('docker.label:b=2')
    expect(warnings).toEqual([])
  })

  it('of others is not touched, and that of a port that is gone is none', async () => {
    const foreign = await made(['theirs'])
    expect(await describeIt(foreign, web)).toEqual(foreign)
    const gone = await created()
    await neutron.ports.delete(gone.id)
    await describePort({ neutron, log: silentLog }, gone, web, { signal })
    expect(warnings).toEqual([])
  })

  it('that Neutron refuses is told of', async () => {
    const port = await created()
    await describeIt(port, { name: 'x'.repeat(300), labels: {} })
    expect(warnings).toEqual([expect.objectContaining({ portId: port.id })])
  })
})
