import type { Command } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { addLs } from './ls.ts'
import { addRm } from './rm.ts'

/** `kuryr host ls|rm`: the hosts that share networks. */
export function addHost(program: Command, world: CliWorld): void {
  const host = program
    .command('host')
    .description('look at the hosts that share networks, and remove those that are gone')
  addLs(host, world)
  addRm(host, world)
}
