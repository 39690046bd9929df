import type { Command } from 'commander'
import { Option } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { type Host, hostsQuestion } from '../daemon/answers.ts'
import { askFor } from '../daemon/ask-for.ts'
import { textTable } from '../text-table.ts'

/** `kuryr host ls`: every host that shares, and whether its daemon is there. */
export function addLs(host: Command, world: CliWorld): void {
  host
    .command('ls')
    .description('list the hosts that share networks')
    .addOption(new Option('-f, --format <format>', 'form of the output').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'only names')
    .addHelpText(
      'after',
      `
STATE is alive (its kuryr is connected), away, or removed (for good, by \`kuryr host rm\`).

Examples:
  $ kuryr host ls
  $ kuryr host ls --format json | jq '.[] | select(.alive | not) | .host'`,
    )
    .action(async ({ format, quiet }: { format: 'table' | 'json'; quiet?: true }, command: Command) => {
      const { hosts } = await askFor(hostsQuestion, { command, world })
      if (quiet) world.stdout.write(hosts.map(({ host: name }) => `${name}\n`).join(''))
      else if (format === 'json') world.stdout.write(`${JSON.stringify(hosts, undefined, 2)}\n`)
      else world.stdout.write(table(hosts))
    })
}

function table(hosts: readonly Host[]): string {
  return textTable(
    ['HOST', 'STATE', 'DOCKER', 'KURYR', 'NETWORKS', 'SINCE'],
    hosts.map(host => [
      host.host,
      stateOf(host),
      host.engineVersion || '-',
      host.kuryrVersion,
      String(host.networks),
      host.removed ?? host.since,
    ]),
  )
}

function stateOf({ removed, alive }: Host): string {
  if (removed !== undefined) return 'removed'
  return alive ? 'alive' : 'away'
}
