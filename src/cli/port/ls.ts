import type { Command } from 'commander'
import { Option } from 'commander'
import type { CliWorld } from '../cli-world.ts'
import { type PublishedPort, publishedPortsQuestion } from '../daemon/answers.ts'
import { askFor } from '../daemon/ask-for.ts'
import { shortId } from '../short-id.ts'
import { textTable } from '../text-table.ts'

/** `kuryr port ls`: where the ports of containers are reached from outside. */
export function addLs(port: Command, world: CliWorld): void {
  port
    .command('ls')
    .description('list the published ports of the containers of all hosts')
    .addOption(new Option('-f, --format <format>', 'form of the output').choices(['table', 'json']).default('table'))
    .addHelpText(
      'after',
      `
With OpenStack, ports (\`docker run -p\`) are published on networks made with -o kuryr.publish=floating-ip.
\`docker port\` does not know of them. PUBLISHED is where others reach the container's PORT.

Examples:
  $ kuryr port ls
  $ kuryr port ls --format json | jq -r '.[] | select(.container == "web") | "\\(.address):\\(.outerPort)"'`,
    )
    .action(async ({ format }: { format: 'table' | 'json' }, command: Command) => {
      const { ports } = await askFor(publishedPortsQuestion, { command, world })
      world.stdout.write(format === 'json' ? `${JSON.stringify(ports, undefined, 2)}\n` : table(ports))
    })
}

function table(ports: readonly PublishedPort[]): string {
  return textTable(
    ['HOST', 'CONTAINER', 'PUBLISHED', 'PORT', 'ADDRESS', 'ENDPOINT'],
    ports.map(({ host, container, address, outerPort, protocol, containerPort, containerAddress, endpointId }) => [
      host,
      container || '-',
      `${address}:${outerPort}`,
      `${containerPort}/${protocol}`,
      containerAddress,
      shortId(endpointId),
    ]),
  )
}
