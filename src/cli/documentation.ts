import type { Command } from 'commander'
import { commandNodes } from './command-tree.ts'

/** Reference of all commands in Markdown, their help as it is: the generated part of `docs/command-line.md`. */
export function commandReference(program: Command): string {
  return commandNodes(program)
    .map(({ path, command }) => `## ${`kuryr ${path}`.trim()}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`)
    .join('\n')
}

/** What `--help` prints, texts before and after it included. */
function helpOf(command: Command): string {
  let printed = ''
  const before = command.configureOutput()
  command.configureOutput({ ...before, writeOut: text => (printed += text) })
  command.outputHelp()
  command.configureOutput(before)
  return printed.trim()
}
