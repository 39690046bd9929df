import type { OvsdbClient } from '../../ovsdb/ovsdb-client.ts'
import { ovsdbFailedBecause } from '../../ovsdb/ovsdb-error.ts'
import type { Operation } from '../../ovsdb/protocol.ts'
import { mapValue, namedUuid, readMap, readSet, readUuids, setValue } from '../../ovsdb/values.ts'

/** Milliseconds to wait for a bridge that the agent has yet to make, and for ovs-vswitchd to take a port. */
const patience = 3000

/** A port of a bridge of Open vSwitch, with its one interface of the same name. */
export interface SwitchPort {
  name: string
  bridge: string
  externalIds: Record<string, string>
}

interface Call {
  signal?: AbortSignal
}

/**
 * The ports of Open vSwitch on this host (database `Open_vSwitch`). A change is one transaction: killed in the middle, it
 * was done or not.
 */
export class SwitchPorts {
  readonly #client: OvsdbClient

  constructor(client: OvsdbClient) {
    this.#client = client
  }

  /** `netdev` is the userspace datapath. @throws {Error} if there is no such bridge within three seconds */
  async datapathOf(bridge: string, call: Call): Promise<string> {
    const select: Operation = { op: 'select', table: 'Bridge', where: [named(bridge)], columns: ['datapath_type'] }
    try {
      const [, found] = await this.#client.transact([bridgeIsThere(bridge), select], call)
      const type = found?.rows?.[0]?.datapath_type
      return typeof type === 'string' ? type : ''
    } catch (error) {
      throw ovsdbFailedBecause(error, 'wait-timed-out') ? noBridge(bridge) : error
    }
  }

  /**
   * Adds the device as a port of the bridge, or brings the one that is there in line, and waits until ovs-vswitchd has
   * taken it. If it cannot, the port is removed again.
   */
  async add(port: SwitchPort, call: Call): Promise<void> {
    const present = (await this.#find(port.name, call)) ?? { bridge: undefined }
    if (present.bridge === port.bridge) await this.#setExternalIds(port, call)
    else {
      if (present.bridge !== undefined) await this.remove([port.name], call)
      await this.#insert(port, call)
    }
    try {
      await this.#untilTaken(port.name, call)
    } catch (error) {
      await this.remove([port.name], {})
      throw error
    }
  }

  /** Removes ports of these names from whatever bridge has them. Absent ones are success. */
  async remove(names: string[], call: Call): Promise<void> {
    const select = names.map((name): Operation => ({
      op: 'select',
      table: 'Port',
      where: [named(name)],
      columns: ['_uuid'],
    }))
    const found = await this.#client.transact(select, call)
    const uuids = found.flatMap(({ rows = [] }) => rows.flatMap(row => readUuids(row._uuid)))
    if (uuids.length === 0) return
    const references = setValue(uuids.map(uuid => ['uuid', uuid]))
    // What a bridge does not have is not removed from it; a port that no bridge has is collected as garbage.
    await this.#client.transact(
      [{ op: 'mutate', table: 'Bridge', where: [], mutations: [['ports', 'delete', references]] }],
      call,
    )
  }

  /** Every interface of Open vSwitch with its external ids; `bridge` is not looked up. */
  async interfaces(call: Call): Promise<Omit<SwitchPort, 'bridge'>[]> {
    const columns = ['name', 'external_ids']
    const [found] = await this.#client.transact([{ op: 'select', table: 'Interface', where: [], columns }], call)
    return (found?.rows ?? []).flatMap(({ name, external_ids }) => {
      return typeof name === 'string' ? [{ name, externalIds: readMap(external_ids) }] : []
    })
  }

  async #find(name: string, call: Call): Promise<{ bridge: string | undefined } | undefined> {
    const ports: Operation = { op: 'select', table: 'Port', where: [named(name)], columns: ['_uuid'] }
    const bridges: Operation = { op: 'select', table: 'Bridge', where: [], columns: ['name', 'ports'] }
    const [port, all] = await this.#client.transact([ports, bridges], call)
    const [uuid] = readUuids(port?.rows?.[0]?._uuid)
    if (uuid === undefined) return undefined
    const owner = all?.rows?.find(row => readUuids(row.ports).includes(uuid))?.name
    return { bridge: typeof owner === 'string' ? owner : undefined }
  }

  async #insert({ name, bridge, externalIds }: SwitchPort, call: Call): Promise<void> {
    const absent: Operation = {
      op: 'wait',
      table: 'Port',
      where: [named(name)],
      columns: ['name'],
      until: '==',
      rows: [],
      timeout: 0,
    }
    const interfaceRow = { name, external_ids: mapValue(externalIds) }
    const operations: Operation[] = [
      bridgeIsThere(bridge),
      absent,
      { op: 'insert', table: 'Interface', 'uuid-name': 'interface', row: interfaceRow },
      { op: 'insert', table: 'Port', 'uuid-name': 'port', row: { name, interfaces: namedUuid('interface') } },
      {
        op: 'mutate',
        table: 'Bridge',
        where: [named(bridge)],
        mutations: [['ports', 'insert', setValue([namedUuid('port')])]],
      },
    ]
    try {
      await this.#client.transact(operations, call)
    } catch (error) {
      if (!ovsdbFailedBecause(error, 'wait-timed-out')) throw error
      if (error.operation === 0) throw noBridge(bridge)
      // Sent twice over a connection that broke: it is there already.
      await this.#setExternalIds({ name, bridge, externalIds }, call)
    }
  }

  async #setExternalIds({ name, externalIds }: SwitchPort, call: Call): Promise<void> {
    const keys = setValue(Object.keys(externalIds))
    await this.#client.transact(
      [
        // A map's `insert` leaves a key that is there as it is.
        { op: 'mutate', table: 'Interface', where: [named(name)], mutations: [['external_ids', 'delete', keys]] },
        {
          op: 'mutate',
          table: 'Interface',
          where: [named(name)],
          mutations: [['external_ids', 'insert', mapValue(externalIds)]],
        },
      ],
      call,
    )
  }

  /** ovs-vswitchd answers a new port with its number, or with -1 and the reason. */
  async #untilTaken(name: string, call: Call): Promise<void> {
    const where = [named(name)]
    const unanswered = [{ ofport: setValue([]) }]
    const answered: Operation = {
      op: 'wait',
      table: 'Interface',
      where,
      columns: ['ofport'],
      until: '!=',
      rows: unanswered,
      timeout: patience,
    }
    const select: Operation = { op: 'select', table: 'Interface', where, columns: ['ofport', 'error'] }
    const [, found] = await this.#client.transact([answered, select], call).catch((error: unknown) => {
      if (!ovsdbFailedBecause(error, 'wait-timed-out')) throw error
      const check = 'check that ovs-vswitchd runs (ovs-vsctl show)'
      throw new Error(`ovs-vswitchd did not take port ${name} within ${patience} ms: ${check}`, { cause: error })
    })
    const [row] = found?.rows ?? []
    if (readSet(row?.ofport)[0] !== -1) return
    throw new Error(`ovs-vswitchd cannot use port ${name}: ${readSet(row?.error).join(' ')}`)
  }
}

function named(name: string): ['name', '==', string] {
  return ['name', '==', name]
}

function bridgeIsThere(bridge: string): Operation {
  const rows = [{ name: bridge }]
  return {
    op: 'wait',
    table: 'Bridge',
    where: [named(bridge)],
    columns: ['name'],
    until: '==',
    rows,
    timeout: patience,
  }
}

function noBridge(bridge: string): Error {
  const check = `check that the Open vSwitch agent or ovn-controller runs on this host and makes it (ovs-vsctl show)`
  return new Error(`Open vSwitch has no bridge ${bridge}, which Neutron names for the port: ${check}`)
}
