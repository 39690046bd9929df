import type { PrivateDaemon } from '../integration/bad-input/private-daemon.ts'
import type { Scene } from '../integration/bad-input/scene.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Where an absurd call is made, and the dice. */
export interface AbsurdWorld {
  daemon: PrivateDaemon
  scene: Scene
  random: SeededRandom
}

/** Statuses of all answers, and what should not have been answered so. */
export interface AbsurdReport {
  statuses: Record<number, number>
  faults: string[]
}

/**
 * For each method that changes something: one call, or a few in Docker's order, of good form and absurd content. What
 * one of them makes all the same is taken back by the calls that Docker would send.
 */
export const absurdCalls: Readonly<Record<string, (calls: AbsurdCalls) => Promise<void>>> = {
  'IpamDriver.RequestPool': async calls => {
    const pool = await calls.requestPool({
      Pool: calls.cidr(),
      SubPool: calls.cidr(),
      Options: calls.options(),
      V6: calls.random.once(3),
    })
    if (pool !== undefined) await calls.released('IpamDriver.ReleasePool', { PoolID: pool })
  },
  'IpamDriver.ReleasePool': async calls => calls.released('IpamDriver.ReleasePool', { PoolID: calls.unknownUuid() }),
  'IpamDriver.RequestAddress': async calls => {
    const PoolID = calls.random.pick([calls.scene.docker.pool, calls.unknownUuid(), calls.scene.operator.subnetpool])
    const gateway = calls.random.once(3) ? { RequestAddressType: 'com.docker.network.gateway' } : null
    const Address = calls.address()
    const { status, body } = await calls.send('IpamDriver.RequestAddress', { PoolID, Address, Options: gateway })
    if (status !== 200 || gateway !== null) return
    await calls.released('IpamDriver.ReleaseAddress', { PoolID, Address: String(body.Address).split('/')[0] ?? '' })
  },
  'IpamDriver.ReleaseAddress': async calls => {
    const { endpoint, pool } = calls.scene.docker
    const Address = calls.address()
    const PoolID = calls.random.pick([pool, calls.unknownUuid(), calls.scene.operator.subnetpool])
    if (Address !== endpoint.address) await calls.send('IpamDriver.ReleaseAddress', { PoolID, Address })
  },
  'NetworkDriver.CreateNetwork': async calls => {
    const Pool = calls.random.once(2) ? '10.9.0.0/24' : calls.cidr()
    const PoolID = await calls.requestPool({ Pool, Options: calls.random.once(2) ? null : calls.options() })
    const NetworkID = calls.id()
    const data = { AddressSpace: '', Pool, Gateway: calls.cidr(), AuxAddresses: { printer: calls.cidr() } }
    const message = {
      NetworkID,
      Options: { 'com.docker.network.generic': calls.options(), 'com.docker.network.internal': calls.random.once(4) },
      IPv4Data: calls.random.pick([[], null, [data], [data], [data], [data, data]]),
      IPv6Data: calls.random.once(4) ? [{ ...data, Pool: calls.cidr() }] : null,
    }
    await calls.send('NetworkDriver.CreateNetwork', message)
    if (PoolID !== undefined) await calls.released('IpamDriver.ReleasePool', { PoolID })
    if (NetworkID !== calls.scene.docker.network) await calls.released('NetworkDriver.DeleteNetwork', { NetworkID })
  },
  'NetworkDriver.DeleteNetwork': async calls =>
    calls.released('NetworkDriver.DeleteNetwork', { NetworkID: calls.unknownId() }),
  'NetworkDriver.CreateEndpoint': async calls => {
    const { network, pool } = calls.scene.docker
    const own = calls.random.once(2)
    const requested = own ? await calls.send('IpamDriver.RequestAddress', { PoolID: pool, Address: '' }) : undefined
    const Address = requested ? String(requested.body.Address) : calls.cidr()
    const ids = { NetworkID: calls.random.pick([network, network, calls.unknownId()]), EndpointID: calls.unknownId() }
    const Interface = { Address, AddressIPv6: calls.random.once(4) ? calls.cidr() : '', MacAddress: calls.mac() }
    await calls.send('NetworkDriver.CreateEndpoint', { ...ids, Interface, Options: calls.options() })
    await calls.released('NetworkDriver.DeleteEndpoint', ids)
    if (requested)
      await calls.released('IpamDriver.ReleaseAddress', { PoolID: pool, Address: Address.split('/')[0] ?? '' })
  },
  'NetworkDriver.DeleteEndpoint': async calls => calls.released('NetworkDriver.DeleteEndpoint', calls.endpoint()),
  'NetworkDriver.Join': async calls => {
    await calls.send('NetworkDriver.Join', { ...calls.endpoint(), SandboxKey: '/nowhere', Options: calls.options() })
  },
  'NetworkDriver.Leave': async calls => calls.released('NetworkDriver.Leave', calls.endpoint()),
  'NetworkDriver.AllocateNetwork': async calls => {
    const NetworkID = calls.id()
    const data = [{ Pool: calls.cidr() }]
    await calls.send('NetworkDriver.AllocateNetwork', { NetworkID, Options: calls.options(), IPv4Data: data })
    await calls.released('NetworkDriver.FreeNetwork', { NetworkID })
  },
  'NetworkDriver.ProgramExternalConnectivity': async calls => {
    const portmap = { 'com.docker.network.portmap': calls.random.pick([null, 5, [{ Port: -1 }], ['\n']]) }
    await calls.send('NetworkDriver.ProgramExternalConnectivity', { ...calls.endpoint(), Options: portmap })
    await calls.released('NetworkDriver.RevokeExternalConnectivity', calls.endpoint())
  },
}

/** The calls and the absurd values that they are made of. */
export class AbsurdCalls {
  readonly scene: Scene
  readonly random: SeededRandom
  readonly report: AbsurdReport = { statuses: {}, faults: [] }
  readonly #daemon: PrivateDaemon

  constructor({ daemon, scene, random }: AbsurdWorld) {
    this.#daemon = daemon
    this.scene = scene
    this.random = random
  }

  /** Sends one call. Nothing that a caller says is a fault of ours: a 5xx is noted. */
  async send(method: string, message: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await this.#daemon.call(method, message)
    this.report.statuses[answer.status] = (this.report.statuses[answer.status] ?? 0) + 1
    const explained = answer.status === 200 || (typeof answer.body.Err === 'string' && answer.body.Err !== '')
    if (answer.status >= 500 || answer.status === 404 || !explained) this.#note(method, message, answer)
    return answer
  }

  /** Sends a call that removes something, which must succeed even where there is nothing (any more). */
  async released(method: string, message: object): Promise<void> {
    const answer = await this.send(method, message)
    if (answer.status !== 200) this.#note(method, message, answer)
  }

  /** A pool's id, if Docker was given one. */
  async requestPool(message: object): Promise<string | undefined> {
    const { status, body } = await this.send('IpamDriver.RequestPool', message)
    return status === 200 ? String(body.PoolID) : undefined
  }

  cidr(): string {
    return this.random.pick(absurdCidrs)
  }

  /** Outside of the pool, of another family, in use, or for nobody to have. */
  address(): string {
    const { docker, operator } = this.scene
    return this.random.pick([...absurdAddresses, docker.endpoint.address, operator.vmPort.address])
  }

  mac(): string {
    const { docker, operator } = this.scene
    return this.random.pick(['', ...absurdMacs, docker.endpoint.mac, operator.vmPort.mac])
  }

  options(): Record<string, string> {
    const { operator } = this.scene
    const values = [
      '',
      '\n',
      ',',
      'twin',
      'nobody',
      'floating-ip',
      '203.0.113.7',
      operator.network,
      operator.subnet,
      this.unknownUuid(),
      'x'.repeat(300),
    ]
    const options: Record<string, string> = {}
    for (let left = this.random.below(3); left > 0; left--) options[this.random.pick(names)] = this.random.pick(values)
    return options
  }

  /** 64 or 25 characters; now and then the Docker network's own. */
  id(): string {
    return this.random.once(8) ? this.scene.docker.network : this.unknownId()
  }

  unknownId(): string {
    return this.random.pick([this.random.hex(64), `vw7n${this.random.hex(21)}`, 'f'.repeat(64), 'z'.repeat(25)])
  }

  /** A network that may be there, with an endpoint that is not. */
  endpoint(): { NetworkID: string; EndpointID: string } {
    return { NetworkID: this.id(), EndpointID: this.unknownId() }
  }

  unknownUuid(): string {
    const { random } = this
    return `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(12)}`
  }

  #note(method: string, message: object, { status, body }: { status: number; body: object }): void {
    const fault = `${method} ${JSON.stringify(message)} -> ${status} ${JSON.stringify(body)}`
    if (this.report.faults.length < 20 && !this.report.faults.includes(fault)) this.report.faults.push(fault)
  }
}

const absurdCidrs = [
  '',
  '10.9.0.0/24',
  '10.9.0.5/24',
  '10.9.0.0/25',
  '10.9.0.255/24',
  '10.9.1.1/24',
  '10.8.0.0/13',
  '10.1.0.0/24',
  '10.1.0.0/16',
  '10.2.0.0/24',
  '10.2.0.1/24',
  '10.2.0.0/25',
  '10.3.7.0/24',
  '0.0.0.0/0',
  '10.0.0.0/7',
  '10.9.0.0/30',
  '10.9.0.0/31',
  '10.9.0.1/32',
  '127.0.0.0/8',
  '224.0.0.0/4',
  '255.255.255.255/32',
  '169.254.0.0/16',
  '::/0',
  '::1/128',
  '::ffff:10.9.0.0/120',
  'fd00:9::/64',
  'fd00:9::5/64',
  'fd00:9::/127',
  'FD00:0009:0::/64',
  'fe80::/64',
  'ff02::/16',
]

const absurdAddresses = [
  '',
  '0.0.0.0',
  '10.1.0.0',
  '10.1.0.1',
  '10.1.0.255',
  '10.1.1.1',
  '10.1.0.77',
  '10.9.0.1',
  '127.0.0.1',
  '255.255.255.255',
  '224.0.0.1',
  '::',
  '::1',
  '::ffff:10.1.0.9',
  'fd00:9::1',
  'fe80::1',
]

const absurdMacs = ['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', '02:42:0A:09:00:02']

const names = [
  'neutron.net.uuid',
  'neutron.net.name',
  'neutron.net.shared',
  'neutron.subnet.uuid',
  'neutron.subnet.name',
  'neutron.subnet.v6.uuid',
  'neutron.pool.uuid',
  'neutron.pool.name',
  'neutron.pool.v6.name',
  'kuryr.security_groups',
  'kuryr.publish',
  'kuryr.publish.floating_ip',
  'kuryr.port.id',
  'kuryr.port.name',
  'kuryr.port.security_groups',
  'kuryr.port.qos_policy',
  'neutron.net.uuid\n',
  'neutron.\u2028x',
  'kuryr.bogus',
  'com.example.harmless\nline',
  ' ',
]
