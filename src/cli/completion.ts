import type { Command } from 'commander'
import { Argument } from 'commander'
import type { CliWorld } from './cli-world.ts'
import { bashCompletion, fishCompletion, zshCompletion } from './completion-scripts.ts'

/** `kuryr completion bash|zsh|fish`: a script for the shell, made from the commands and options that there are. */
export function addCompletion(program: Command, world: CliWorld): void {
  const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      `
Examples:
  $ kuryr completion bash >/etc/bash_completion.d/kuryr
  $ kuryr completion zsh >/usr/local/share/zsh/site-functions/_kuryr
  $ kuryr completion fish >~/.config/fish/completions/kuryr.fish`,
    )
    .action((shell: keyof typeof scripts) => void world.stdout.write(scripts[shell](program)))
}
