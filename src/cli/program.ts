import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config/config-error.ts'
import type { CliWorld } from './cli-world.ts'
import { packageVersion } from '../package-version.ts'
import { painter } from './colours.ts'
import { addCompleteNames } from './complete-names.ts'
import { addCompletion } from './completion.ts'
import { addConfig } from './config.ts'
import { CommandFailure, exitStatus } from './exit-status.ts'
import { addGlobalOptions } from './global-options.ts'
import { addHost } from './host/host.ts'
import { addNetwork } from './network/network.ts'
import { addPort } from './port/port.ts'
import { addServe } from './serve.ts'
import { addStatus } from './status.ts'
import { addVersion } from './version.ts'

/** The whole command line, each command from its own file. Nothing is run yet. */
export function createProgram(world: CliWorld): Command {
  const program = new Command('kuryr')
    .description('One shared network for containers on many Docker hosts')
    .version(packageVersion(), '--version', 'print the version')
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .configureOutput({
      writeOut: text => void world.stdout.write(text),
      writeErr: text => void world.stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(see `kuryr --help`)')
    .helpCommand(false)
    .exitOverride()
  addGlobalOptions(program)
  for (const add of [
    addServe,
    addStatus,
    addNetwork,
    addPort,
    addHost,
    addConfig,
    addCompletion,
    addCompleteNames,
    addVersion,
  ])
    add(program, world)
  program.addHelpText(
    'after',
    `
Exit status: 0 done, 1 failed or problems found, 2 daemon not reachable, 64 wrong command line, 78 wrong configuration.

Examples:
  $ kuryr serve --config-file /etc/kuryr/kuryr.conf
  $ kuryr status
  $ kuryr network ls
  $ kuryr config show --changed`,
  )
  return program
}

/**
 * Runs the command line and answers its exit status. Every failure is told on the standard error output; none is
 * thrown.
 *
 * @param args the words after `kuryr`.
 */
export async function runCommandLine(args: readonly string[], world: CliWorld): Promise<number> {
  const program = createProgram(world)
  if (args.length === 0) {
    program.outputHelp({ error: true })
    return exitStatus.usage
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitStatus.ok
  } catch (error) {
    return statusOf(error, world)
  }
}

function statusOf(error: unknown, world: CliWorld): number {
  // Commander has told it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage
  const paint = painter(world.stderr, world)
  const tell = (text: string): void => void world.stderr.write(`${paint('red', 'kuryr:')} ${text}\n`)
  if (error instanceof ConfigError) {
    const count = error.problems.length
    tell(count === 1 ? error.message : `the configuration has ${count} problems:\n${error.message}`)
    return exitStatus.config
  }
  if (error instanceof CommandFailure) {
    if (error.message !== '') tell(error.message)
    return error.status
  }
  tell(inWords(error))
  return exitStatus.failed
}

/** The error and its causes, without stacks: the stack is in the log when `--debug` asks for it. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${inWords(error.cause)}`
}
