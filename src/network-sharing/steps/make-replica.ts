import { EngineError } from '../../docker-engine/engine-error.ts'
import { replicaOf } from '../network-spec.ts'
import type { SharedNetwork } from '../shared-network.ts'
import { memberOf, NotYet, type SharingContext } from '../sharing-context.ts'
import { joinNetwork } from './join-network.ts'

/**
 * Makes this host's replica of a shared network. Killed after Docker made it: it is found by its shared id; was it removed
 * meanwhile, the tombstone is still there, because this host had noted that it makes it.
 *
 * @param note what became of a wish to remove it, for people.
 * @throws {NotYet} when its name is another network's here.
 */
export async function makeReplica(context: SharingContext, record: SharedNetwork, note?: string): Promise<void> {
  const { engine, driver, locals, log, signal } = context
  const { id, name } = record
  if (!(await noteMaking(context, record))) return
  try {
    const made = await engine.createNetwork(replicaOf(record, driver), { signal })
    log.info({ sharedId: id, network: name, networkId: made.id }, 'replica made of a shared network')
    const network = await locals.look(made.id)
    if (network) await joinNetwork(context, network, note)
    // Removed at once by a user: that it was here makes it a removal like any other.
    else await context.records.putMember(id, memberOf(context, { networkId: made.id, state: 'present' }))
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    await sayWhyNot(context, record, error)
    throw error.code === 'conflict' ? nameTaken(record) : error
  }
}

/** Returns false if there is nothing to be made any more. */
async function noteMaking(context: SharingContext, { id }: SharedNetwork): Promise<boolean> {
  const { records, host } = context
  const known = records.view.member(id, host)
  if (!known) await records.putMember(id, memberOf(context, { networkId: '', state: 'making' }))
  return records.view.network(id) !== undefined
}

async function sayWhyNot(context: SharingContext, { id }: SharedNetwork, { message }: EngineError): Promise<void> {
  const { records, host } = context
  const before = records.view.member(id, host)
  if (before?.state === 'conflict' && before.note === message) return
  await records.putMember(id, memberOf(context, { networkId: '', state: 'conflict', note: message }))
}

function nameTaken({ name }: SharedNetwork): NotYet {
  return new NotYet(
    `the shared network ${name} is not on this host: another network here has its name`,
    `remove that one (docker network inspect ${name} tells what it is); the shared one then comes by itself`,
  )
}
