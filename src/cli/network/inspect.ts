import type { Command } from 'commander'
import { Argument, Option } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { networksQuestion } from '../daemon/answers.ts'
import { askFor } from '../daemon/ask-for.ts'
import { findNetworks } from './find-networks.ts'
import { networkInWords } from './network-in-words.ts'

/** `kuryr network inspect`: shared networks with every host's containers, as no single Docker can show them. */
export function addInspect(network: Command, world: CliWorld): void {
  network
    .command('inspect')
    .description('show shared networks: hosts, and the containers of all of them')
    .addArgument(new Argument('<network...>', 'name, id, or the beginning of an id (of any host)'))
    .addOption(new Option('-f, --format <format>', 'form of the output').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
\`docker network inspect\` shows the containers of its own host only, unless Docker has a cluster store.

Examples:
  $ kuryr network inspect blue
  $ kuryr network inspect blue --format json | jq '.[0].endpoints[] | {host, container, addresses}'`,
    )
    .action(async (wanted: string[], { format }: { format: 'text' | 'json' }, command: Command) => {
      const { networks } = await askFor(networksQuestion, { command, world })
      const found = findNetworks(networks, wanted)
      world.stdout.write(
        format === 'json' ? `${JSON.stringify(found, undefined, 2)}\n` : found.map(networkInWords).join('\n'),
      )
    })
}
