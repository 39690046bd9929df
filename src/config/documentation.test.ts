import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { optionReference } from './documentation.ts'
import { sampleFile } from './sample-file.ts'
import { loadConfig } from './load-config.ts'
import { allOptions } from './option-table.ts'
import { machineWith } from './testing/machine.ts'

// After a change of the option table: bin/node node_modules/vitest/vitest.mjs run src/config/documentation.test.ts -u
const docs = new URL('../../docs/configuration.md', import.meta.url)
const sample = new URL('../../etc/kuryr.conf.sample', import.meta.url)

describe('documentation', () => {
  test('docs/configuration.md has every option as the table declares it', async () => {
    const text = readFileSync(docs, 'utf8')
    const generated = text.replace(/(<!-- options: begin.*?-->\n).*(<!-- options: end)/s, (_all, begin: string, end) =>
      [begin, optionReference(), end].join('\n'),
    )
    expect(generated).toContain('### kuryr_uri')
    await expect(generated).toMatchFileSnapshot(docs.pathname)
  })

  test('every option has a name, a help text and a default that its own type accepts', () => {
    for (const { name, option } of allOptions) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(option.help.length, name).toBeGreaterThan(8)
    }
    expect(loadConfig({}, machineWith({})).warnings).toEqual([])
  })

  test('etc/kuryr.conf.sample is what `kuryr config sample` prints', async () => {
    await expect(sampleFile()).toMatchFileSnapshot(sample.pathname)
  })

  test('the sample with every comment taken off still means the defaults', () => {
    const uncommented = sampleFile().replaceAll(/^#(\w+) = (.+)$/gm, '$1 = $2')
    const loaded = loadConfig({}, machineWith({ files: { '/etc/kuryr/kuryr.conf': uncommented } }))
    expect(loaded.config).toEqual(loadConfig({}, machineWith({})).config)
    expect(loaded.origins.DEFAULT.kuryr_uri).toMatchObject({ kind: 'file' })
  })
})
