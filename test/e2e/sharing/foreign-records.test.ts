import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { waitUntil } from '../../lab/processes/wait-until.ts'
import { startContainer } from '../containers.ts'
import { problemsOf } from './operator-view.ts'
import { comesTo, createNetwork, goesFrom, networkOn } from './shared-networks.ts'
import { disagreements } from './whole-cluster.ts'

const id = (character: string): string => character.repeat(64)

/** A record as it is right, for changing one thing in it. */
function record(about: { id: string; name: string }): Record<string, unknown> {
  const spec = {
    internal: false,
    attachable: false,
    enableIpv6: false,
    subnets: [],
    ipamOptions: {},
    options: {},
    labels: {},
  }
  return { version: 1, ...about, spec, origin: 'elsewhere', created: '2026-01-01T00:00:00Z' }
}

describe('who does not share, and what others write into the store', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let node3: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'foreign records', hosts: 3, docker: '26' })
    ;[node1, node2, node3] = [lab.host(1), lab.host(2), lab.host(3)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  const allAgree = async (...sharing: string[]): Promise<void> =>
    expect(await disagreements(lab, sharing.length > 0 ? { sharing } : {})).toEqual([])
  const reconfigure = async (host: DockerHost, sharing: Record<string, string>): Promise<void> => {
    await host.kuryr.configure({ sharing })
    await host.kuryr.restart()
  }
  const skipped = async (host: DockerHost): Promise<number> => {
    const { text } = await host.kuryr.ask('GET', '/kuryr/metrics')
    return Number(/^kuryr_sharing_records_skipped_total (\d+)/m.exec(text)?.[1] ?? '0')
  }
  const put = (key: string, value: string): Promise<void> => lab.etcd.v3Put(`/kuryr-sharing/default/${key}`, value)

  it('-o kuryr.share=false keeps a network on its host, whose name is free elsewhere', async () => {
    await createNetwork(node1, 'own', '-o', 'kuryr.share=false')
    await createNetwork(node2, 'own', '-o', 'kuryr.share=false')
    await startContainer(node1, 'c1', '--net', 'own')
    await createNetwork(node3, 'marker')
    await comesTo(node1, 'marker')
    expect(await networkOn(node3, 'own')).toBeUndefined()
    await node1.docker('rm', '--force', 'c1')
    await node1.docker('network', 'rm', 'own')
    expect(await networkOn(node2, 'own')).toBeDefined()
    await node2.docker('network', 'rm', 'own')
    await node3.docker('network', 'rm', 'marker')
    await allAgree()
    const wrong = await node1.tryDocker(
      'network',
      'create',
      '-d=kuryr',
      '--ipam-driver=kuryr',
      '-o',
      'kuryr.share=maybe',
      'w',
    )
    expect(wrong.stderr).toContain('expected true or false')
  })

  it('by configuration: not at all, only some names, only some hosts, another namespace', async () => {
    await reconfigure(node2, { networks: 'web-*', hosts: 'node1' })
    await reconfigure(node3, { namespace: 'red' })
    await createNetwork(node1, 'web-a')
    await createNetwork(node1, 'db-a')
    await createNetwork(node3, 'red-a')
    await comesTo(node2, 'web-a')
    await createNetwork(node2, 'db-b')
    await createNetwork(node2, 'web-b')
    await comesTo(node1, 'web-b')
    for (const [host, names] of [
      [node1, ['db-b', 'red-a']],
      [node2, ['db-a', 'red-a']],
      [node3, ['web-a', 'db-a', 'web-b']],
    ] as const) {
      for (const name of names) expect(await networkOn(host, name)).toBeUndefined()
    }
    await reconfigure(node2, { enabled: 'false' })
    await createNetwork(node1, 'web-c')
    await createNetwork(node2, 'alone')
    expect((await node2.kuryr.ask('GET', '/kuryr/networks')).text).toContain('enabled is false')
    await reconfigure(node3, { namespace: 'default' })
    await comesTo(node3, 'web-c')
    expect(await networkOn(node2, 'web-c')).toBeUndefined()
    expect(await networkOn(node1, 'alone')).toBeUndefined()
    await reconfigure(node2, { enabled: 'true', networks: '*', hosts: '*' })
    await allAgree()
    for (const name of ['web-a', 'db-a', 'web-b', 'db-b', 'web-c', 'alone', 'red-a']) {
      await comesTo(node1, name)
      await node1.docker('network', 'rm', name)
    }
    await allAgree()
  })

  it('records that make no sense are skipped, logged, counted and shown; all others go on', async () => {
    const before = await skipped(node2)
    const good = { id: id('a'), name: 'good' }
    const hostile: Record<string, string> = {
      [`networks/${id('b')}`]: JSON.stringify({ ...record({ id: id('b'), name: 'later' }), version: 2 }),
      [`networks/${id('c')}`]: JSON.stringify(record({ id: id('c'), name: 'cut' })).slice(0, 60),
      [`networks/${id('d')}`]: JSON.stringify(record({ ...good, id: id('e') })),
      [`networks/${id('f')}`]: JSON.stringify({
        ...record({ id: id('f'), name: 'huge' }),
        spec: { options: { o: 'x'.repeat(1_000_000) } },
      }),
      [`members/${id('b')}/node1`]: JSON.stringify({ version: 1, host: 'node9' }),
      [`tombstones/${id('c')}`]: 'null',
      'hosts/node9': '[]',
    }
    for (const [key, value] of Object.entries(hostile)) await put(key, value)
    // These two can be read: nothing comes of them.
    await put('names/dangling', id('9'))
    await put(`networks/${id('8')}`, JSON.stringify(record({ id: id('8'), name: 'a/b ../slash' })))
    await createNetwork(node1, 'goes-on')
    await comesTo(node2, 'goes-on')
    await createNetwork(node1, 'dangling')
    await comesTo(node2, 'dangling')
    await waitUntil('all are counted', 20_000, async () =>
      (await skipped(node2)) - before >= Object.keys(hostile).length ? true : undefined,
    )
    const problems = (await problemsOf(node2)).join('\n')
    for (const key of Object.keys(hostile)) expect(problems).toContain(`shared record ${key} is skipped`)
    expect(problems).toContain('expected JSON')
    expect(problems).toMatch(/expected at most 131072 bytes, got 1\d{6}/)
    for (const name of ['later', 'cut', 'huge']) expect(await networkOn(node3, name)).toBeUndefined()
    for (const key of [...Object.keys(hostile), `networks/${id('8')}`])
      await lab.etcd.v3Delete(`/kuryr-sharing/default/${key}`)
    await lab.etcd.v3DeletePrefix(`/kuryr-sharing/default/members/${id('8')}/`)
    await node3.docker('network', 'rm', 'goes-on', 'dangling')
    await goesFrom(node1, 'dangling')
    await allAgree()
    await waitUntil('nothing is shown any more', 20_000, async () =>
      (await problemsOf(node2)).length === 0 ? true : undefined,
    )
  })

  it('kuryr.shared.id given by hand: refused where nobody recorded it, else another name for it on this host', async () => {
    const make = ['network', 'create', '--driver=kuryr', '--ipam-driver=kuryr', '--subnet=10.96.0.0/24']
    const marker = (shared: string): string[] => [
      `--opt=kuryr.shared.id=${shared}`,
      `--ipam-opt=kuryr.shared.id=${shared}`,
    ]
    const refused = await node1.tryDocker(...make, ...marker(id('7')), 'fake')
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toMatch(/is not known.*leave it out/)
    expect((await node1.tryDocker(...make, ...marker('no/id'), 'fake')).exitCode).not.toBe(0)
    const real = await createNetwork(node1, 'real', '--subnet=10.96.0.0/24')
    await comesTo(node2, 'real')
    await node2.docker(...make, ...marker(real), 'alias')
    await node2.docker('network', 'rm', 'alias')
    await comesTo(node2, 'real')
    await allAgree()
    await node3.docker('network', 'rm', 'real')
    await allAgree()
  })

  it('fifty networks made on three hosts at random at once, some removed: all agree, and nothing is left over', async () => {
    const all = Array.from({ length: 50 }, (_, index) => ({
      name: `many-${index}`,
      host: lab.host(1 + ((index * 7) % 3)),
    }))
    const make = async (host: DockerHost): Promise<void> => {
      for (const { name } of all.filter(one => one.host === host)) {
        const answer = await host.api('POST', '/networks/create', {
          Name: name,
          Driver: 'kuryr',
          IPAM: { Driver: 'kuryr' },
        })
        expect(answer).toMatchObject({ status: 201 })
        if (Number(name.slice(5)) % 4 === 0) await host.api('DELETE', `/networks/${name}`)
      }
    }
    await Promise.all(lab.hosts.map(make))
    await allAgree()
    const left = all.filter(({ name }) => Number(name.slice(5)) % 4 !== 0)
    for (const { name } of left) expect(await networkOn(node2, name)).toBeDefined()
    expect(await networkOn(node2, 'many-4')).toBeUndefined()
    await Promise.all(left.map(({ name }, index) => lab.host(1 + (index % 3)).docker('network', 'rm', name)))
    await allAgree()
    const keys = [...(await lab.etcd.v3Get('/kuryr')).keys()].filter(
      key => !/\/(agents|agents-alive|hosts|alive|red)\//.test(key),
    )
    expect(keys.filter(key => !/\/(head|generation)$/.test(key))).toEqual([])
  })
})
