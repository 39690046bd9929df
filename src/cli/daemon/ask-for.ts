import type { Command } from 'commander'
import { loadConfig } from '../../config/load-config.ts'
import type { CliWorld } from '../cli-world.ts'
import { CommandFailure, exitStatus } from '../exit-status.ts'
import { configFlags } from '../global-options.ts'
import type { Question } from './answers.ts'
import { askDaemon, DaemonRefused, DaemonUnavailable } from './daemon-client.ts'

/** Asks the daemon of the host, for a command. @throws {CommandFailure} that tells what is wrong. */
export async function askFor<Answer>(
  question: Question<Answer>,
  { command, world }: { command: Command; world: CliWorld },
): Promise<Answer> {
  const { config } = loadConfig(configFlags(command), world.machine)
  try {
    return await askDaemon(config.DEFAULT, question)
  } catch (error) {
    if (error instanceof DaemonUnavailable) throw new CommandFailure(exitStatus.unreachable, error.message)
    if (error instanceof DaemonRefused) throw new CommandFailure(exitStatus.failed, error.message)
    throw error
  }
}
