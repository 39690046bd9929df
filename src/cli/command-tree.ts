import type { Argument, Command, Option } from 'commander'

/** A command as documentation and completion need it. */
export interface CommandNode {
  /** `config show`; '' for the program itself. */
  path: string
  command: Command
  subcommands: string[]
  arguments: readonly Argument[]
  /** Its own options and `--help`, without the program's. */
  options: readonly Option[]
}

/** All commands under `program`, itself first. */
export function commandNodes(program: Command, path = ''): CommandNode[] {
  const help = program.createHelp()
  const subcommands = help.visibleCommands(program).filter(command => command.name() !== 'help')
  const node: CommandNode = {
    path,
    command: program,
    subcommands: subcommands.map(command => command.name()),
    arguments: program.registeredArguments,
    options: help.visibleOptions(program),
  }
  return [node, ...subcommands.flatMap(command => commandNodes(command, `${path} ${command.name()}`.trim()))]
}
