import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Host, Network } from '../daemon/answers.ts'
import { AnsweringDaemon } from '../testing/answering-daemon.ts'
import { run, worldOf } from '../testing/world.ts'

const blueId = `b1${'0'.repeat(62)}`
const replicaId = `c2${'0'.repeat(62)}`

const blue: Network = {
  id: blueId,
  name: 'blue',
  state: 'shared',
  origin: 'node1',
  created: '2026-11-25T03:00:00Z',
  subnets: [{ subnet: '10.0.0.0/16', gateway: '10.0.0.1', ipRange: '10.0.0.0/24' }, { subnet: 'fd00:1::/64' }],
  internal: true,
  options: { 'neutron.net.name': 'vms' },
  labels: { team: 'a\u001b[31m' },
  hosts: [
    { host: 'node1', state: 'present', alive: true, networkId: blueId },
    { host: 'node2', state: 'present', alive: false, networkId: replicaId },
    { host: 'node3', state: 'conflict', alive: true, networkId: '', note: 'network with name blue already exists' },
  ],
  endpoints: [
    endpoint('node2', 'two', '10.0.0.3'),
    endpoint('node1', 'one', '10.0.0.2'),
    { ...endpoint('node1', '', '10.0.0.9'), addresses: ['10.0.0.9', 'fd00:1::9'], endpointId: '' },
  ],
}

const going: Network = {
  ...blue,
  ...{ id: `b2${'0'.repeat(62)}`, name: 'going', state: 'removing', origin: 'node2', subnets: [], endpoints: [] },
  ...{ internal: false, options: {}, labels: {}, hosts: [] },
}

const green: Network = {
  ...going,
  ...{ id: `d4${'0'.repeat(62)}`, name: 'green', state: 'shared', subnets: [{ subnet: '10.1.0.0/24' }] },
  hosts: [
    { host: 'node1', state: 'present', alive: true, networkId: `d4${'0'.repeat(62)}`, note: 'its removal was undone' },
  ],
}

const hosts: Host[] = ['node1', 'node2', 'node3', 'node4'].map(host => ({
  ...{ host, alive: true, engineVersion: '26.1.5', kuryrVersion: '0.1.0', since: '2026-11-25T02:00:00Z', networks: 1 },
  ...(host === 'node4' && { removed: '2026-11-25T03:00:00Z' }),
}))

function endpoint(host: string, container: string, address: string): Network['endpoints'][number] {
  const [endpointId, macAddress] = [`e${address.replaceAll('.', '')}${'0'.repeat(58)}`, 'fa:16:3e:00:00:01']
  return { host, container, endpointId, macAddress, addresses: [address], status: 'ACTIVE' }
}

let daemon: AnsweringDaemon
beforeEach(async () => {
  daemon = new AnsweringDaemon()
  await daemon.serveJson({
    'GET /kuryr/networks': { networks: [blue, going, green] },
    'GET /kuryr/hosts': { hosts },
  })
})
afterEach(() => daemon.remove())

const kuryr = (...words: string[]): ReturnType<typeof run> => run([...words, ...daemon.words], worldOf({}))

describe('kuryr network ls', () => {
  test('lists networks with their subnets, on how many hosts they are, and what is wrong there', async () => {
    const { status, stdout } = await kuryr('network', 'ls')
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        'NAME   ID            SUBNETS                  HOSTS   CONTAINERS  STATE     NOTE',
        'blue   b10000000000  10.0.0.0/16,fd00:1::/64  2 of 3  3           shared    node2 is away; node3: conflict',
        'going  b20000000000  -                        0 of 3  0           removing',
        'green  d40000000000  10.1.0.0/24              1 of 3  0           shared    its removal was undone',
        '',
      ].join('\n'),
    )
  })

  test.each([
    [['--quiet'], 'b10000000000\nb20000000000\nd40000000000\n'],
    [['--quiet', '--filter', 'name=g'], 'b20000000000\nd40000000000\n'],
    [['--quiet', '--filter', 'name=ue', '--filter', 'name=ee'], 'b10000000000\nd40000000000\n'],
    [['--quiet', '--filter', 'name=nobody'], ''],
  ])('%j', async (options, printed) => {
    expect((await kuryr('network', 'ls', ...options)).stdout).toBe(printed)
  })

  test('--format json prints what the daemon says', async () => {
    const { stdout } = await kuryr('network', 'ls', '--format', 'json', '--filter', 'name=blue')
    expect(JSON.parse(stdout)).toEqual([blue])
  })

  test('a filter of another kind ends with 64', async () => {
    expect(await kuryr('network', 'ls', '--filter', 'driver=kuryr')).toMatchObject({ status: 64 })
  })

  test('a daemon that does not share says why, and the command ends with 1', async () => {
    await daemon.serveJson(
      { 'GET /kuryr/networks': { Err: 'this host does not share networks: its store is a file' } },
      409,
    )
    const { status, stderr } = await kuryr('network', 'ls')
    expect([status, stderr]).toEqual([1, 'kuryr: this host does not share networks: its store is a file\n'])
  })

  test('an answer of another form ends with 2', async () => {
    await daemon.serveJson({ 'GET /kuryr/networks': { networks: [{ ...blue, hosts: 3 }] } })
    expect(await kuryr('network', 'ls')).toMatchObject({ status: 2, stdout: '' })
  })
})

describe('kuryr network inspect', () => {
  test('shows hosts and the containers of all of them, by host and name', async () => {
    const { status, stdout } = await kuryr('network', 'inspect', 'blue')
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        'blue',
        `  Id:       ${blueId}`,
        '  State:    shared; made on node1 at 2026-11-25T03:00:00Z',
        '  Subnet:   10.0.0.0/16, ip-range 10.0.0.0/24, gateway 10.0.0.1',
        '  Subnet:   fd00:1::/64',
        '  Internal: yes',
        '  Option:   neutron.net.name=vms',
        '  Label:    team=a\\u001b[31m',
        '',
        '  HOST   STATE          DOCKER ID     NOTE',
        '  node1  present        b10000000000',
        '  node2  present, away  c20000000000',
        '  node3  conflict       -             network with name blue already exists',
        '',
        '  HOST   CONTAINER  MAC                ADDRESSES           ENDPOINT',
        '  node1  -          fa:16:3e:00:00:01  10.0.0.9,fd00:1::9  -',
        '  node1  one        fa:16:3e:00:00:01  10.0.0.2            e10002000000',
        '  node2  two        fa:16:3e:00:00:01  10.0.0.3            e10003000000',
        '',
      ].join('\n'),
    )
  })

  test.each([['blue'], [blueId], ['b1'], [replicaId], ['c2'], ['going']])('finds %s', async wanted => {
    const { stdout } = await kuryr('network', 'inspect', '--format', 'json', wanted)
    expect((JSON.parse(stdout) as Network[]).map(({ name }) => name)).toEqual([wanted === 'going' ? 'going' : 'blue'])
  })

  test('shows several, each once, in the order in which they are asked for', async () => {
    const { stdout } = await kuryr('network', 'inspect', '--format', 'json', 'green', 'blue', 'd4')
    expect((JSON.parse(stdout) as Network[]).map(({ name }) => name)).toEqual(['green', 'blue'])
  })

  test.each([
    ['red', 'kuryr: no shared network "red": `kuryr network ls` lists those that there are\n'],
    ['', 'kuryr: no shared network "": `kuryr network ls` lists those that there are\n'],
    ['b', 'kuryr: several shared networks fit "b": blue (b10000000000), going (b20000000000); give more of the id\n'],
  ])('%j ends with 1 and is told', async (wanted, message) => {
    expect(await kuryr('network', 'inspect', wanted)).toEqual({ status: 1, stdout: '', stderr: message })
  })
})

test('completion is offered names that no shell would expand, ids for the others, and nothing without a daemon', async () => {
  await daemon.serveJson({
    'GET /kuryr/networks': { networks: [blue, { ...green, name: '$(reboot)' }] },
    'GET /kuryr/hosts': { hosts: [...hosts.slice(0, 1), { ...hosts[1], host: 'a b' }] },
  })
  expect(await kuryr('__complete', 'networks')).toEqual({ status: 0, stdout: 'blue\nd40000000000\n', stderr: '' })
  expect((await kuryr('__complete', 'hosts')).stdout).toBe('node1\n')
  await daemon.stop()
  expect(await kuryr('__complete', 'networks')).toEqual({ status: 0, stdout: '', stderr: '' })
})
