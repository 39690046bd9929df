import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandReference } from './documentation.ts'
import { createProgram } from './program.ts'
import { commandNodes } from './command-tree.ts'
import { worldOf } from './testing/world.ts'

// After a change of a command: bin/node node_modules/vitest/vitest.mjs run src/cli/documentation.test.ts -u
const docs = new URL('../../docs/command-line.md', import.meta.url)

test('docs/command-line.md has the help of every command', async () => {
  const text = readFileSync(docs, 'utf8')
  const reference = commandReference(createProgram(worldOf({})))
  const generated = text.replace(/(<!-- commands: begin.*?-->\n).*(<!-- commands: end)/s, (_all, begin: string, end) =>
    [begin, reference, end].join('\n'),
  )
  expect(generated).toContain('## kuryr config show')
  await expect(generated).toMatchFileSnapshot(docs.pathname)
})

test('the help of every command that does something has examples', () => {
  const reference = commandReference(createProgram(worldOf({}))).split(/^## /m)
  for (const { path, subcommands } of commandNodes(createProgram(worldOf({})))) {
    if (path !== '' && subcommands.length > 0) continue
    const help = reference.find(part => part.startsWith(`kuryr ${path}`.trim() + '\n'))
    expect(help, path).toContain('Examples:')
  }
})
