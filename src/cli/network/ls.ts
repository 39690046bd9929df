import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { type Host, hostsQuestion, type Network, networksQuestion } from '../daemon/answers.ts'
import { askFor } from '../daemon/ask-for.ts'
import { shortId } from '../short-id.ts'
import { textTable } from '../text-table.ts'
import { noteOf } from './note-of.ts'

interface LsOptions {
  format: 'table' | 'json'
  quiet?: true
  filter: string[]
}

/** `kuryr network ls`: every shared network, on how many hosts it is, and what is wrong with it. */
export function addLs(network: Command, world: CliWorld): void {
  network
    .command('ls')
    .description('list the shared networks')
    .addOption(new Option('-f, --format <format>', 'form of the output').choices(['table', 'json']).default('table'))
    .option('-q, --quiet', 'only ids')
    .addOption(
      new Option('--filter <name=text>', 'only networks with this text in their name (repeatable: with any of them)')
        .argParser(collectNames)
        .default([], 'all'),
    )
    .addHelpText(
      'after',
      `
HOSTS is on how many hosts the network is, of all that share. On a host, \`docker network ls\` shows the same
networks, each under that host's own id; ID here is the one of the host where it was made.

Examples:
  $ kuryr network ls
  $ kuryr network ls --filter name=blue --quiet
  $ kuryr network ls --format json | jq '.[].name'`,
    )
    .action(async ({ format, quiet, filter }: LsOptions, command: Command) => {
      const { networks } = await askFor(networksQuestion, { command, world })
      const listed = networks.filter(({ name }) => filter.length === 0 || filter.some(text => name.includes(text)))
      if (quiet) world.stdout.write(listed.map(({ id }) => `${shortId(id)}\n`).join(''))
      else if (format === 'json') world.stdout.write(`${JSON.stringify(listed, undefined, 2)}\n`)
      else world.stdout.write(table(listed, (await askFor(hostsQuestion, { command, world })).hosts))
    })
}

function collectNames(value: string, before: readonly string[]): string[] {
  const [key, text] = value.split(/=(.*)/s)
  if (key !== 'name' || text === undefined) throw new InvalidArgumentError('Expected name=TEXT.')
  return [...before, text]
}

function table(networks: readonly Network[], hosts: readonly Host[]): string {
  const taking = hosts.filter(({ removed }) => removed === undefined).length
  return textTable(
    ['NAME', 'ID', 'SUBNETS', 'HOSTS', 'CONTAINERS', 'STATE', 'NOTE'],
    networks.map(network => [
      network.name,
      shortId(network.id),
      network.subnets.map(({ subnet }) => subnet).join(',') || '-',
      `${network.hosts.filter(({ networkId }) => networkId !== '').length} of ${taking}`,
      String(network.endpoints.length),
      network.state,
      noteOf(network),
    ]),
  )
}
