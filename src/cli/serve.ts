import type { Command } from 'commander'
import { loadConfig } from '../config/load-config.ts'
import type { CliWorld } from './cli-world.ts'
import { configFlags } from './global-options.ts'

/** `kuryr serve`: runs the daemon until SIGINT or SIGTERM; a second one ends the process at once. */
export function addServe(program: Command, world: CliWorld): void {
  program
    .command('serve')
    .description('run the daemon in the foreground')
    .addHelpText(
      'after',
      `
SIGINT or SIGTERM stops it in order; a second one ends it at once. Containers keep their network either way.

Examples:
  $ kuryr serve
  $ kuryr serve --config-file /etc/kuryr/kuryr.conf
  $ kuryr serve --set store.url=etcd://10.8.65.79:2379 --set DEFAULT.capability_scope=global`,
    )
    .action(async (_options, command: Command) => {
      // Before the daemon's modules: a wrong configuration is told without their loading time.
      const loaded = loadConfig(configFlags(command), world.machine)
      await serve(loaded, world)
    })
}

async function serve(loaded: ReturnType<typeof loadConfig>, world: CliWorld): Promise<void> {
  const stop = new AbortController()
  const release = world.onStopSignal(signal => {
    if (stop.signal.aborted) world.exit(signal === 'SIGINT' ? 130 : 143)
    else stop.abort(signal)
  })
  try {
    const runDaemon = await world.loadDaemon()
    await runDaemon(loaded, { stdout: world.stdout, stderr: world.stderr, signal: stop.signal })
  } finally {
    release()
  }
}
