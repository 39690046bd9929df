import { type Static, Type } from 'typebox'
import {
  PUBLISH_ADDRESS_OPTION,
  PUBLISH_OPTION,
  readPublishing,
  readSecurityGroups,
  SECURITY_GROUPS_OPTION,
} from './access-options.ts'
import type { Named } from './named.ts'
import type { WantedAccess } from './network-access.ts'
import { ownOptions, shortText, uuidText } from './own-options.ts'

/** Ours: the network's id on the host where it was made. Replicas carry it, made by network sharing and by nobody else. */
export const SHARED_ID_OPTION = 'kuryr.shared.id'

/** Ours: `false` keeps the network on the host where it is made. */
export const SHARE_OPTION = 'kuryr.share'

/**
 * Upstream's driver options and ours (`docker network create -o …` and `--ipam-opt …`). Either side may carry them. A uuid wins
 * over a name.
 */
const DriverOptions = Type.Object({
  'neutron.net.uuid': Type.Optional(uuid()),
  'neutron.net.name': Type.Optional(name()),
  'neutron.net.shared': Type.Optional(Type.String()),
  'neutron.subnet.uuid': Type.Optional(uuid()),
  'neutron.subnet.name': Type.Optional(name()),
  'neutron.subnet.v6.uuid': Type.Optional(uuid()),
  'neutron.subnet.v6.name': Type.Optional(name()),
  'neutron.pool.uuid': Type.Optional(uuid()),
  'neutron.pool.name': Type.Optional(name()),
  'neutron.pool.v6.uuid': Type.Optional(uuid()),
  'neutron.pool.v6.name': Type.Optional(name()),
  [SECURITY_GROUPS_OPTION]: Type.Optional(Type.String()),
  [PUBLISH_OPTION]: Type.Optional(Type.String()),
  [PUBLISH_ADDRESS_OPTION]: Type.Optional(Type.String()),
  [SHARE_OPTION]: Type.Optional(Type.String()),
  [SHARED_ID_OPTION]: Type.Optional(
    Type.String({ pattern: '^[0-9a-z]{12,64}$', description: 'the id of a Docker network' }),
  ),
})
type DriverOptions = Static<typeof DriverOptions>

/** What the options ask for. */
export interface Wanted {
  network: Named | undefined
  /** `undefined`: not said. */
  shared: boolean | undefined
  subnet: Record<4 | 6, Named | undefined>
  subnetPool: Record<4 | 6, Named | undefined>
  access: WantedAccess
  /** Of a replica: the network on the host where it was made. */
  sharedId: string | undefined
}

/**
 * Reads driver options.
 *
 * @throws {RangeError} naming the option, what came and what was expected.
 */
export function readDriverOptions(options: Readonly<Record<string, unknown>> | null | undefined): Wanted {
  return wanted(ownOptions(DriverOptions, /^(neutron|kuryr)\./, options))
}

function wanted(options: DriverOptions): Wanted {
  readBoolean(SHARE_OPTION, options[SHARE_OPTION])
  const groups = options[SECURITY_GROUPS_OPTION]
  return {
    network: named(options['neutron.net.uuid'], options['neutron.net.name']),
    shared: readBoolean('neutron.net.shared', options['neutron.net.shared']),
    subnet: {
      4: named(options['neutron.subnet.uuid'], options['neutron.subnet.name']),
      6: named(options['neutron.subnet.v6.uuid'], options['neutron.subnet.v6.name']),
    },
    subnetPool: {
      4: named(options['neutron.pool.uuid'], options['neutron.pool.name']),
      6: named(options['neutron.pool.v6.uuid'], options['neutron.pool.v6.name']),
    },
    access: {
      securityGroups: groups === undefined ? [] : readSecurityGroups(SECURITY_GROUPS_OPTION, groups),
      publish: readPublishing(options[PUBLISH_OPTION], options[PUBLISH_ADDRESS_OPTION]),
    },
    sharedId: options[SHARED_ID_OPTION],
  }
}

/** Whether a network with these options may be shared with other hosts: yes, unless `kuryr.share` is false. */
export function mayBeShared(options: Readonly<Record<string, string>>): boolean {
  try {
    return readBoolean(SHARE_OPTION, options[SHARE_OPTION]) ?? true
  } catch {
    // Of a network that another driver's options made: it was not meant for sharing.
    return false
  }
}

function named(id: string | undefined, byName: string | undefined): Named | undefined {
  if (id !== undefined) return { id: id.toLowerCase() }
  return byName === undefined ? undefined : { name: byName }
}

function readBoolean(option: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  // The words of oslo's bool_from_string, which upstream reads this option with.
  if (['1', 't', 'true', 'on', 'y', 'yes'].includes(text.trim().toLowerCase())) return true
  if (['0', 'f', 'false', 'off', 'n', 'no'].includes(text.trim().toLowerCase())) return false
  throw new RangeError(`option ${option}=${JSON.stringify(text)}: expected true or false`)
}

function uuid(): ReturnType<typeof uuidText> {
  return uuidText('a UUID')
}

function name(): ReturnType<typeof shortText> {
  return shortText('a name of 1 to 255 characters')
}
