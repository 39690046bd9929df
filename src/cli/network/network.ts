import type { Command } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { addInspect } from './inspect.ts'
import { addLs } from './ls.ts'

/** `kuryr network ls|inspect`: the shared networks with the hosts and containers of all of them. */
export function addNetwork(program: Command, world: CliWorld): void {
  const network = program.command('network').description('look at the shared networks, on all hosts')
  addLs(network, world)
  addInspect(network, world)
}
