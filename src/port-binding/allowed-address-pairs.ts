import { setTimeout as delay } from 'node:timers/promises'
import { NeutronError, isNotFound } from '../neutron/errors.ts'
import type { Call, Neutron } from '../neutron/neutron.ts'
import type { Port } from '../neutron/resources.ts'
import { BindingRefused } from './binding-refused.ts'

export type AddressPair = Port['allowed_address_pairs'][number]
export type PortCalls = Pick<Neutron['ports'], 'show' | 'list' | 'update'>

/** Times that a change is tried when others change the same port at the same moment, and milliseconds between them. */
const attempts = 30
const pause = { least: 20, most: 200 }

/**
 * Lets a VM's port send and receive as these addresses, too. Each change names the revision of the port that it was
 * made from, so of several at once none is lost (upstream's R6).
 */
export async function allowPairs(ports: PortCalls, portId: string, pairs: AddressPair[], call: Call): Promise<void> {
  await change(ports, portId, call, present => {
    const missing = pairs.filter(pair => !present.some(other => isSame(pair, other)))
    return missing.length === 0 ? undefined : [...present, ...missing]
  })
}

/** Takes these addresses back. A port that is gone, or never had them, is success. */
export async function disallowPairs(ports: PortCalls, portId: string, pairs: AddressPair[], call: Call): Promise<void> {
  try {
    await change(ports, portId, call, present => {
      const left = present.filter(pair => !pairs.some(other => isSame(pair, other)))
      return left.length === present.length ? undefined : left
    })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

async function change(
  ports: PortCalls,
  portId: string,
  { signal }: Call,
  next: (present: AddressPair[]) => AddressPair[] | undefined,
): Promise<void> {
  const call = signal === undefined ? {} : { signal }
  for (let attempt = 1; ; attempt++) {
    const { allowed_address_pairs, revision_number } = await ports.show(portId, call)
    const wanted = next(allowed_address_pairs)
    if (wanted === undefined) return
    try {
      await ports.update(portId, { allowed_address_pairs: wanted }, { ...call, ifRevision: revision_number })
      return
    } catch (error) {
      const overtaken = error instanceof NeutronError && error.type === 'RevisionNumberConstraintFailed'
      if (!overtaken) throw error
      if (attempt === attempts) {
        const what = `allowed address pairs of port ${portId} could not be changed in ${attempts} attempts`
        throw new BindingRefused(`${what}: something else changes that port all the time`)
      }
    }
    await delay(pause.least + Math.random() * (pause.most - pause.least), undefined, call)
  }
}

/** Neutron writes a pair's MAC out where none was given. */
function isSame(one: AddressPair, other: AddressPair): boolean {
  const mac = ({ mac_address = '' }: AddressPair): string => mac_address.toLowerCase()
  return one.ip_address === other.ip_address && mac(one) === mac(other)
}
