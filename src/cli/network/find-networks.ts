import type { Network } from '../daemon/answers.ts'
import { CommandFailure, exitStatus } from '../exit-status.ts'
import { shortId } from '../short-id.ts'

/**
 * The network of each name or id, as Docker finds them: a name, else a whole id, else the beginning of one. Ids of
 * replicas count too: they are what `docker network ls` shows on their hosts.
 *
 * @throws {CommandFailure} for what is not there, or could be several.
 */
export function findNetworks(networks: readonly Network[], wanted: readonly string[]): Network[] {
  return [...new Set(wanted.map(text => findNetwork(networks, text)))]
}

function findNetwork(networks: readonly Network[], text: string): Network {
  const named = networks.filter(({ name }) => name === text)
  const [shared] = named.filter(({ state }) => state === 'shared')
  const [found, ...others] = shared ? [shared] : named.length > 0 ? named : withId(networks, text)
  if (!found) {
    throw new CommandFailure(
      exitStatus.failed,
      `no shared network ${JSON.stringify(text)}: \`kuryr network ls\` lists those that there are`,
    )
  }
  if (others.length === 0) return found
  const candidates = [found, ...others].map(({ name, id }) => `${name} (${shortId(id)})`).join(', ')
  throw new CommandFailure(
    exitStatus.failed,
    `several shared networks fit ${JSON.stringify(text)}: ${candidates}; give more of the id`,
  )
}

function withId(networks: readonly Network[], text: string): Network[] {
  if (text === '') return []
  const idsOf = ({ id, hosts }: Network): string[] => [id, ...hosts.map(({ networkId }) => networkId)]
  const whole = networks.filter(network => idsOf(network).includes(text))
  return whole.length > 0 ? whole : networks.filter(network => idsOf(network).some(id => id.startsWith(text)))
}
