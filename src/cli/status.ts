import type { Command } from 'commander'
import { Option } from 'commander'
import type { CliWorld } from './cli-world.ts'
import type { Paint } from './colours.ts'
import { painter } from './colours.ts'
import { type DaemonStatus, statusQuestion } from './daemon/answers.ts'
import { askFor } from './daemon/ask-for.ts'
import { CommandFailure, exitStatus } from './exit-status.ts'

/** `kuryr status`: what the daemon of this host says about itself, in words or as JSON. */
export function addStatus(program: Command, world: CliWorld): void {
  program
    .command('status')
    .description('say what is up and what is wrong on this host')
    .addOption(new Option('-f, --format <format>', 'form of the output').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Exit status: 0 all is well, 1 there are problems, 2 the daemon cannot be reached.

Examples:
  $ kuryr status
  $ kuryr status --format json | jq .problems`,
    )
    .action(async (options: { format: 'text' | 'json' }, command: Command) => {
      const status = await askFor(statusQuestion, { command, world })
      const text =
        options.format === 'json' ? JSON.stringify(status, undefined, 2) : inWords(status, painter(world.stdout, world))
      world.stdout.write(`${text}\n`)
      if (problemsOf(status).length > 0) throw new CommandFailure(exitStatus.failed, '')
    })
}

type Problem = DaemonStatus['problems'][number]

function problemsOf({ problems, fabric }: DaemonStatus): Problem[] {
  return [...problems, ...fabric.problems.map(what => ({ what, why: '', todo: '' }))]
}

function inWords(status: DaemonStatus, paint: Paint): string {
  const { store, plugin, neutron, fabric } = status
  const networks = fabric.networks.length
  const lines = [
    `kuryr ${status.version} on ${status.host}, up since ${status.since}`,
    `Plugin   ${plugin.uri}, ${plugin.calls} ${plugin.calls === 1 ? 'call' : 'calls'} of Docker answered`,
    ...(store
      ? [
          `Store    ${store.url}: ${store.state}`,
          `Neutron  ${neutron.kind}, ${neutron.bind ? `API on ${neutron.bind}` : 'API not served'}`,
          `Fabric   ${fabric.localAddress ?? 'no local address'}, ${networks} ${networks === 1 ? 'network' : 'networks'} on this host`,
        ]
      : [`Neutron  OpenStack’s: ${neutron.state ?? 'unknown'}`]),
    `Sharing  ${sharingInWords(status)}`,
    ...ignoredPorts(status),
    '',
  ]
  const problems = problemsOf(status)
  if (problems.length === 0) return [...lines, paint('green', 'All is well.')].join('\n')
  const count = problems.length === 1 ? '1 problem:' : `${problems.length} problems:`
  return [...lines, paint('red', count), ...problems.map(problemInWords)].join('\n')
}

function sharingInWords({ sharing, sharingReason }: DaemonStatus): string {
  if (!sharing) return `off: ${sharingReason}`
  const { networks, here, engine } = sharing
  const docker = engine ? `Docker ${engine.version}${engine.swarm ? ', in a swarm' : ''}` : 'Docker does not answer'
  return `${networks} shared ${networks === 1 ? 'network' : 'networks'}, ${here} of them here; ${docker}`
}

/** No problem: containers of people who had it in their files with Python Kuryr, too. */
function ignoredPorts({ ports }: DaemonStatus): string[] {
  const ignored = ports?.ignored ?? 0
  if (ignored === 0) return []
  const who = ignored === 1 ? '1 container asks' : `${ignored} containers ask`
  return [`Ports    ${who} in vain to publish ports (-p): their networks do not; the log names them`]
}

function problemInWords({ what, why, todo }: Problem): string {
  return [`- ${what}`, ...(why ? [`  Why: ${why}`] : []), ...(todo ? [`  What to do: ${todo}`] : [])].join('\n')
}
