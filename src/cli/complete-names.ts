import type { Command } from 'commander'
import { Argument } from 'commander'
import { loadConfig } from '../config/load-config.ts'
import type { CliWorld } from './cli-world.ts'
import { hostsQuestion, networksQuestion } from './daemon/answers.ts'
import { askDaemon } from './daemon/daemon-client.ts'
import { configFlags } from './global-options.ts'
import { shortId } from './short-id.ts'

/** Arguments that the daemon knows the possible words of, by the argument's name. */
export const completedByDaemon: Readonly<Record<string, 'networks' | 'hosts'>> = { network: 'networks', host: 'hosts' }

/** Milliseconds: somebody waits at the keyboard. */
const LONGEST_WAIT = 1000

/** `kuryr __complete networks|hosts`: for the completion scripts, the names that the daemon knows; none if it does not answer. */
export function addCompleteNames(program: Command, world: CliWorld): void {
  program
    .command('__complete', { hidden: true })
    .addArgument(new Argument('<what>').choices(['networks', 'hosts']))
    .action(async (what: 'networks' | 'hosts', _options, command: Command) => {
      const names = await namesOf(what, command, world).catch(() => [])
      world.stdout.write(names.map(name => `${name}\n`).join(''))
    })
}

async function namesOf(what: 'networks' | 'hosts', command: Command, world: CliWorld): Promise<string[]> {
  const { DEFAULT } = loadConfig(configFlags(command), world.machine).config
  if (what === 'hosts') {
    const { hosts } = await askDaemon(DEFAULT, { ...hostsQuestion, timeout: LONGEST_WAIT })
    return hosts.map(({ host }) => host).filter(isPlain)
  }
  const { networks } = await askDaemon(DEFAULT, { ...networksQuestion, timeout: LONGEST_WAIT })
  return networks.map(({ name, id }) => (isPlain(name) ? name : shortId(id)))
}

/** Shells expand the words that they are offered: only what needs no quoting in any of them goes there. */
function isPlain(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]*$/.test(name)
}
