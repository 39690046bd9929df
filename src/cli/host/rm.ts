import type { Command } from 'commander'
import { Argument } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { hostRemoval } from '../daemon/answers.ts'
import { askFor } from '../daemon/ask-for.ts'
import { CommandFailure, exitStatus } from '../exit-status.ts'

/** `kuryr host rm`: ends the part of a host that is gone for good. */
export function addRm(host: Command, world: CliWorld): void {
  host
    .command('rm')
    .description('end the part of a host that is gone for good')
    .addArgument(new Argument('<host>', 'its name, as `kuryr host ls` shows it'))
    .option('--force', 'even if it is alive; without a question')
    .option('-y, --yes', 'without a question')
    .addHelpText(
      'after',
      `
Its containers' addresses are free again, its networks do not wait for it any more, and the other hosts send it no
packets. Run it on another host; on a terminal it asks first. If the host died just now it waits, up to half a minute.
A host that comes back all the same takes part again; networks that were removed meanwhile go from it too.

Examples:
  $ kuryr host rm node3
  $ kuryr host rm node3 --yes`,
    )
    .action(
      async (name: string, { force = false, yes = false }: { force?: boolean; yes?: boolean }, command: Command) => {
        const question = `Remove host ${name} for good? The addresses of its containers are given to others.`
        if (!force && !yes && (await world.confirm(question)) === 'no') {
          throw new CommandFailure(exitStatus.failed, 'nothing was removed')
        }
        const { networks, ports } = await askFor(hostRemoval(name, force), { command, world })
        world.stdout.write(
          `Host ${name} is removed: out of ${counted(networks, 'shared network')}, ${counted(ports, 'port')} let go.\n`,
        )
      },
    )
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
