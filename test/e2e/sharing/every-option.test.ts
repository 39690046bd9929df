import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { type Lab, startLab } from '../../lab/lab.ts'
import { endpointOf, pings, startContainer } from '../containers.ts'
import { tellsNoProblem, tellsProblem } from './operator-view.ts'
import { comesTo, createNetwork, type EngineNetworkAnswer, goesFrom, networkOn, sharedIdOf } from './shared-networks.ts'
import { disagreements } from './whole-cluster.ts'

describe('networks with every option, on all hosts as on the one where they were made', () => {
  let lab: Lab
  let node1: DockerHost
  let node2: DockerHost
  let node3: DockerHost
  beforeAll(async () => {
    lab = await startLab({ name: 'every option', docker: ['newest', 'newest', '26'] })
    ;[node1, node2, node3] = [lab.host(1), lab.host(2), lab.host(3)]
  })
  afterAll(async () => {
    await lab.stop()
  })

  const allAgree = async (...except: string[]): Promise<void> =>
    expect(await disagreements(lab, { except })).toEqual([])
  const create = async (name: string, body: Record<string, unknown>): Promise<string> => {
    const { IPAM, ...rest } = body
    const ipam = { Driver: 'kuryr', ...(IPAM as object | undefined) }
    const answer = await node1.api('POST', '/networks/create', { Name: name, Driver: 'kuryr', ...rest, IPAM: ipam })
    expect(answer).toMatchObject({ status: 201 })
    return (answer.body as { Id: string }).Id
  }
  const copies = (name: string): Promise<EngineNetworkAnswer[]> =>
    Promise.all([node2, node3].map(host => comesTo(host, name)))

  it('labels and options of any characters, and of 100 kB', async () => {
    const long = 'x'.repeat(100_000)
    const texts = {
      'ключ "q"': "line\n\ttab 'q' \\ {{.}} $HOME 網路 😀",
      '': 'no name',
      empty: '',
    }
    await create('texts', { Labels: { ...texts, long }, Options: texts })
    for (const { Labels, Options } of await copies('texts')) {
      expect(Labels).toEqual({ ...texts, long })
      expect(Options).toMatchObject(texts)
    }
    await allAgree()
  })

  it('too large to be shared: it works on its host, which says so clearly', async () => {
    const id = await create('large', { Labels: { large: 'x'.repeat(200_000) } })
    const problem = await tellsProblem(node1, /network large take \d+ bytes, at most 131072 can be shared/)
    expect(problem).toMatch(/kuryr\.share=false/)
    await startContainer(node1, 'alone', '--net', 'large')
    await node1.docker('rm', '--force', 'alone')
    expect(await networkOn(node2, 'large')).toBeUndefined()
    await node1.docker('network', 'rm', id)
    await tellsNoProblem(node1)
    await allAgree()
  })

  it('names of any characters that Docker allows', async () => {
    // The engine's API takes what its command line would refuse as a word.
    const names = ['a.b_c-d', 'UPPER', '0', '網路', 'mit leerzeichen', 'quote\'"s', 'per%cent%2F', 'x'.repeat(100)]
    const made = await Promise.all(
      names.map(async name => {
        const answer = await node1.api('POST', '/networks/create', {
          Name: name,
          Driver: 'kuryr',
          IPAM: { Driver: 'kuryr' },
        })
        return { name, ...answer }
      }),
    )
    const accepted = made.filter(({ status }) => status === 201)
    expect(accepted.length).toBeGreaterThan(2)
    for (const { name } of accepted) await copies(name)
    await allAgree()
    for (const { body } of accepted) await node1.api('DELETE', `/networks/${(body as { Id: string }).Id}`)
    await allAgree()
  })

  it('--internal, --attachable, --ipv6, several --subnets with range and gateway, and IPv6 alone', async () => {
    await create('inside', { Internal: true, Attachable: true })
    for (const copy of await copies('inside')) expect(copy).toMatchObject({ Internal: true, Attachable: true })
    const config = [
      { Subnet: '10.90.0.0/16', IPRange: '10.90.7.0/24', Gateway: '10.90.7.9' },
      { Subnet: '10.91.0.0/24' },
      { Subnet: 'fd00:90::/64', Gateway: 'fd00:90::9' },
    ]
    await create('wide', { EnableIPv6: true, IPAM: { Config: config } })
    for (const copy of await copies('wide')) expect(copy).toMatchObject({ EnableIPv6: true, IPAM: { Config: config } })
    await create('six', { EnableIPv4: false, EnableIPv6: true, IPAM: { Config: [{ Subnet: 'fd00:91::/64' }] } })
    expect(await comesTo(node2, 'six')).toMatchObject({ EnableIPv4: false, EnableIPv6: true })
    await tellsProblem(node3, /"six" is to be without IPv4.*Docker 28/)
    await startContainer(node1, 's1', '--net', 'six')
    await startContainer(node2, 's2', '--net', 'six')
    await startContainer(node2, 'w2', '--net', 'wide', '--ip', '10.90.7.99')
    await startContainer(node3, 'w3', '--net', 'wide')
    expect(await pings(node1, 's1', (await endpointOf(node2, 's2', 'six')).GlobalIPv6Address)).toBe(true)
    const far = await endpointOf(node3, 'w3', 'wide')
    expect(far).toMatchObject({ Gateway: '10.90.7.9', IPAddress: expect.stringMatching(/^10\.90\.7\./) as string })
    expect(await pings(node2, 'w2', far.IPAddress)).toBe(true)
    expect(await pings(node2, 'w2', far.GlobalIPv6Address)).toBe(true)
    await node1.docker('rm', '--force', 's1')
    await node2.docker('rm', '--force', 's2', 'w2')
    await node3.docker('rm', '--force', 'w3')
    await allAgree('six')
    await node1.docker('network', 'rm', 'six', 'wide', 'inside')
    await goesFrom(node2, 'six')
    await allAgree()
  })

  it('--aux-address is given to no container on any host', async () => {
    const auxiliary = ['--aux-address=a=10.92.0.2', '--aux-address=b=10.92.0.3']
    await createNetwork(node1, 'spared', '--subnet=10.92.0.0/29', ...auxiliary)
    await copies('spared')
    for (const [host, name] of [
      [node2, 'x2'],
      [node3, 'x3'],
    ] as const) {
      await startContainer(host, name, '--net', 'spared')
      expect((await endpointOf(host, name, 'spared')).IPAddress).toMatch(/^10\.92\.0\.[456]$/)
    }
    await node2.docker('rm', '--force', 'x2')
    await node3.docker('rm', '--force', 'x3')
    await node3.docker('network', 'rm', 'spared')
    await allAgree()
  })

  it('--config-only stays where it is, --config-from is shared with what it took', async () => {
    await node1.docker(
      'network',
      'create',
      '--config-only',
      '--ipam-driver=kuryr',
      '--subnet=10.93.0.0/24',
      '--label=k=v',
      'conf',
    )
    await node1.docker('network', 'create', '--driver=kuryr', '--config-from=conf', 'derived')
    for (const copy of await copies('derived')) {
      expect(copy).toMatchObject({ Labels: { k: 'v' }, IPAM: { Config: [{ Subnet: '10.93.0.0/24' }] } })
    }
    expect(await networkOn(node2, 'conf')).toBeUndefined()
    await node2.docker('network', 'rm', 'derived')
    await goesFrom(node1, 'derived')
    await node1.docker('network', 'rm', 'conf')
    await allAgree()
  })

  it('no --subnet: the replicas have the one that was chosen, and --ip works on them', async () => {
    await createNetwork(node1, 'chosen')
    const [copy] = await copies('chosen')
    const subnet = copy?.IPAM.Config[0]?.Subnet as string
    const address = subnet.replace(/\.0\/24$/, '.77')
    await startContainer(node2, 'fixed', '--net', 'chosen', '--ip', address)
    expect((await endpointOf(node2, 'fixed', 'chosen')).IPAddress).toBe(address)
    await node2.docker('rm', '--force', 'fixed')
    await node2.docker('network', 'rm', 'chosen')
    await allAgree()
  })

  it('networks, subnets and pools of Neutron’s by uuid and name are used by all, and left as they were', async () => {
    const made = (await node1.neutron('POST', '/v2.0/networks', { network: { name: 'theirs' } })) as {
      network: { id: string }
    }
    const { id } = made.network
    const subnet = { network_id: id, name: 'sub', ip_version: 4, cidr: '10.94.0.0/24' }
    await node1.neutron('POST', '/v2.0/subnets', { subnet })
    await node1.neutron('POST', '/v2.0/subnetpools', {
      subnetpool: { name: 'poolname', prefixes: ['10.95.0.0/16'], default_prefixlen: 24 },
    })
    await createNetwork(node1, 'byuuid', '--subnet=10.94.0.0/24', '-o', `neutron.net.uuid=${id}`)
    await createNetwork(node2, 'byname', '--ipam-opt=neutron.subnet.name=sub', '-o', 'neutron.subnet.name=sub')
    await createNetwork(node1, 'bypool', '--ipam-opt=neutron.pool.name=poolname', '-o', 'neutron.pool.name=poolname')
    for (const name of ['byuuid', 'byname', 'bypool']) for (const host of lab.hosts) await comesTo(host, name)
    expect(sharedIdOf(await comesTo(node3, 'byuuid'))).toBe((await networkOn(node1, 'byuuid'))?.Id)
    await startContainer(node1, 'u1', '--net', 'byuuid')
    await startContainer(node3, 'n3', '--net', 'byname')
    expect(await pings(node3, 'n3', (await endpointOf(node1, 'u1', 'byuuid')).IPAddress)).toBe(true)
    await node1.docker('rm', '--force', 'u1')
    await node3.docker('rm', '--force', 'n3')
    await node3.docker('network', 'rm', 'byuuid', 'byname', 'bypool')
    await allAgree()
    const left = (await node1.neutron('GET', `/v2.0/networks?id=${id}`)) as {
      networks: { tags: string[]; subnets: string[] }[]
    }
    expect(left.networks).toMatchObject([{ tags: [], subnets: [expect.any(String)] }])
  })
})
