import type { Command } from 'commander'
import { Option } from 'commander'
import type { ConfigFlags } from '../config/flags.ts'

/** Adds the options that every command takes, before or after its name. */
export function addGlobalOptions(program: Command): Command {
  return program
    .addOption(
      new Option('--config-file <path>', 'read this file, not the usual ones (repeatable, a later one wins)').argParser(
        collect,
      ),
    )
    .addOption(new Option('--config-dir <path>', 'then read *.conf of this directory (repeatable)').argParser(collect))
    .addOption(
      new Option('--set <section.option=value>', 'set an option, over all files (repeatable)').argParser(collect),
    )
    .option('--debug', 'log more')
}

/** What the global options of `command`'s program say about the configuration. */
export function configFlags(command: Command): ConfigFlags {
  return command.optsWithGlobals<ConfigFlags>()
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value]
}
