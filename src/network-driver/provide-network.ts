import type { UndoStack } from '../concurrency/undo-stack.ts'
import type { PluginCall } from '../docker-plugin/drivers.ts'
import { PluginError } from '../docker-plugin/plugin-error.ts'
import { isNotFound } from '../neutron/errors.ts'
import type { Network } from '../neutron/resources.ts'
import type { Wanted } from '../ownership/driver-options.ts'
import { findNamed, type FoundNamed, means } from '../ownership/find-named.ts'
import { birthMark } from '../ownership/birth-marks.ts'
import {
  adoptedNetworkTag,
  CREATED_NETWORK_TAG,
  createdNetworkName,
  dockerIdTags,
  hostTag,
} from '../ownership/marks.ts'
import { describeNamed, type Named } from '../ownership/named.ts'
import { ifThere } from '../ownership/if-there.ts'
import { leaveNetwork } from '../ownership/release-network.ts'
import type { NetworkContext } from './context.ts'

interface NetworkWish {
  dockerId: string
  wanted: Wanted
  /** Nobody can have made anything of the Docker network yet. */
  fresh: boolean
  /** Networks that RequestPool has just found. */
  recent: FoundNamed<Network>[]
  undo: UndoStack
}

/** A Neutron network, and whether it was made just now, so that nothing can be in it. */
export interface ProvidedNetwork {
  network: Network
  made: boolean
}

/** The Neutron network for a Docker network: the one that the options name, or a new one. Marked as the Docker network's. */
export async function provideNetwork(
  context: NetworkContext,
  wish: NetworkWish,
  call: PluginCall,
): Promise<ProvidedNetwork> {
  const { network: named } = wish.wanted
  if (!named) return makeNetwork(context, wish, call)
  try {
    return { network: await adoptNetwork(context, { ...wish, named }, call), made: false }
  } catch (error) {
    // Gone since RequestPool found it: look again, once.
    if (!isNotFound(error) || wish.recent.length === 0) throw error
    return { network: await adoptNetwork(context, { ...wish, named, recent: [] }, call), made: false }
  }
}

/** Every check comes before the first mark (upstream's L8). */
async function adoptNetwork(
  { neutron }: NetworkContext,
  { dockerId, wanted, undo, named, recent }: NetworkWish & { named: Named },
  call: PluginCall,
): Promise<Network> {
  const known = recent.find(found => means(named, found))?.resource
  const network = known ?? (await findNamed(neutron.networks, 'network', named, call))
  if (wanted.shared !== undefined && wanted.shared !== network.shared) {
    throw new PluginError(
      409,
      `option neutron.net.shared=${wanted.shared}, but the network with ${describeNamed(named)} has shared=${network.shared}: leave the option out, or name another network`,
    )
  }
  // The mark that keeps it from being deleted comes first, and goes last.
  const marks = [adoptedNetworkTag(dockerId), ...dockerIdTags(dockerId)]
  undo.add(`marks of network ${network.id}`, () => ifThere(neutron.networks.removeTags(network.id, marks.toReversed())))
  await neutron.networks.addTags(network.id, marks, call)
  return { ...network, tags: [...new Set([...network.tags, ...marks])] }
}

async function makeNetwork(
  { neutron, options }: NetworkContext,
  { dockerId, wanted, fresh, undo }: NetworkWish,
  call: PluginCall,
): Promise<ProvidedNetwork> {
  const tags = [...dockerIdTags(dockerId), CREATED_NETWORK_TAG, hostTag(options.host)]
  const [left] = fresh ? [] : await neutron.networks.list({ tags }, call)
  // Not given up half-way: what is not known to be made cannot be taken back.
  call.signal.throwIfAborted()
  const network =
    left ??
    (await neutron.networks.create({
      name: createdNetworkName(dockerId),
      description: birthMark(options.host),
      admin_state_up: true,
      ...(wanted.shared !== undefined && { shared: wanted.shared }),
      tags,
    }))
  // What was there before may be at work: CreateNetwork asked again. Half-made, it goes with Docker's ReleasePool.
  if (left) return { network, made: false }
  undo.add(`network ${network.id}`, async () => {
    // Another Docker network may have adopted it already.
    await ifThere(neutron.networks.show(network.id).then(now => leaveNetwork(neutron, { network: now, dockerId }, {})))
  })
  return { network, made: true }
}
