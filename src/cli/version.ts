import type { Command } from 'commander'
import type { CliWorld } from './cli-world.ts'
import { packageVersion } from '../package-version.ts'

/** `kuryr version`: the versions of this program and of the Node that runs it. */
export function addVersion(program: Command, world: CliWorld): void {
  program
    .command('version')
    .description('print the version')
    .addHelpText('after', '\nExamples:\n  $ kuryr version')
    .action(() => void world.stdout.write(`kuryr ${packageVersion()} (Node ${process.version})\n`))
}
