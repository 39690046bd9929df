import type { HostOfNetwork, Network } from '../daemon/answers.ts'

/** What is to be known of a network on its hosts, in one line; empty when it is on all of them as it should be. */
export function noteOf({ hosts }: Pick<Network, 'hosts'>): string {
  return hosts.flatMap(host => noteOfHost(host) ?? []).join('; ')
}

function noteOfHost({ host, state, alive, note }: HostOfNetwork): string | undefined {
  if (!alive) return `${host} is away`
  if (state !== 'present') return `${host}: ${state}`
  return note
}
