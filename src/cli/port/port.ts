import type { Command } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { addLs } from './ls.ts'

/** `kuryr port ls`: the published ports of containers. */
export function addPort(program: Command, world: CliWorld): void {
  addLs(program.command('port').description('look at the published ports of containers, on all hosts'), world)
}
