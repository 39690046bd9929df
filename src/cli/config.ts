import type { Command } from 'commander'
import { Option } from 'commander'
import { effectiveValues, effectiveValuesAsIni } from '../config/effective-values.ts'
import type { EffectiveValue } from '../config/effective-values.ts'
import { loadConfig } from '../config/load-config.ts'
import type { LoadedConfig } from '../config/load-config.ts'
import { sampleFile } from '../config/sample-file.ts'
import { describeOrigin } from '../config/setting.ts'
import type { CliWorld } from './cli-world.ts'
import { painter } from './colours.ts'
import { configFlags } from './global-options.ts'
import { textTable } from './text-table.ts'

/** `kuryr config show|check|sample`: what is in effect and why, whether it is right, and what there is to set. */
export function addConfig(program: Command, world: CliWorld): void {
  const config = program.command('config').description('look at the configuration')
  addShow(config, world)
  config
    .command('check')
    .description('tell whether the configuration is right')
    .addHelpText('after', '\nExamples:\n  $ kuryr config check\n  $ kuryr config check --config-file ./kuryr.conf')
    .action((_options, command: Command) => check(loadConfig(configFlags(command), world.machine), world))
  config
    .command('sample')
    .description('print a file with every option, explained and commented out')
    .addHelpText('after', '\nExamples:\n  $ kuryr config sample >/etc/kuryr/kuryr.conf')
    .action(() => void world.stdout.write(sampleFile()))
}

function addShow(config: Command, world: CliWorld): void {
  config
    .command('show')
    .description('print the values in effect and where each came from; secrets are masked')
    .addOption(
      new Option('-f, --format <format>', 'form of the output').choices(['table', 'json', 'ini']).default('table'),
    )
    .addOption(new Option('--all', 'also options that have their default (the default)').conflicts('changed'))
    .option('--changed', 'only options that somebody set')
    .addHelpText(
      'after',
      `
Examples:
  $ kuryr config show --changed
  $ kuryr config show --format json | jq -r '.store.url.value'
  $ kuryr config show --format ini --config-file ./old.conf`,
    )
    .action((options: { format: 'table' | 'json' | 'ini'; changed?: true }, command: Command) => {
      const loaded = loadConfig(configFlags(command), world.machine)
      const rows = effectiveValues(loaded, options.changed ? 'changed' : 'all')
      world.stdout.write(render[options.format](rows))
    })
}

const render = {
  table: (rows: readonly EffectiveValue[]): string =>
    textTable(
      ['SECTION', 'OPTION', 'VALUE', 'FROM'],
      rows.map(({ section, name, text, origin }) => [section, name, text, describeOrigin(origin)]),
    ),
  ini: effectiveValuesAsIni,
  json(rows: readonly EffectiveValue[]): string {
    const sections: Record<string, Record<string, { value: string; from: string }>> = {}
    for (const { section, name, text, origin } of rows) {
      ;(sections[section] ??= {})[name] = { value: text, from: describeOrigin(origin) }
    }
    return `${JSON.stringify(sections, undefined, 2)}\n`
  },
}

function check({ warnings, withoutEffect, files }: LoadedConfig, world: CliWorld): void {
  const paint = painter(world.stdout, world)
  const from = files.length === 0 ? 'no file, the defaults' : files.join(', ')
  world.stdout.write(`${paint('green', 'The configuration is right')} (read: ${from}).\n`)
  for (const warning of warnings) world.stdout.write(`${paint('yellow', 'Warning:')} ${warning}\n`)
  if (withoutEffect.length > 0) world.stdout.write(`Set without effect: ${withoutEffect.join(', ')}\n`)
}
