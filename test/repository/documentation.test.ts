import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load-config.ts'

const root = path.resolve(import.meta.dirname, '../..')
const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root })
const read = (page: string): string => readFileSync(path.join(root, page), 'utf8')

describe.each(pages)('%s', page => {
  it('links to files that are there', () => {
    const links = [...read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => target ?? '')
    const missing = links.filter(target => !existsSync(path.join(root, path.dirname(page), target)))
    expect(missing).toEqual([])
  })

  it('shows only kuryr.conf texts that the daemon accepts', () => {
    for (const [, text = ''] of read(page).matchAll(/```ini\n([\s\S]*?)```/g)) {
      const plain = text.replace(/^ +/gm, '')
      const world = { env: {}, hostname: 'node1', readFile: () => plain, listDirectory: () => [] }
      expect(loadConfig({ configFile: ['/etc/kuryr/kuryr.conf'] }, world).warnings).toEqual([])
    }
  })

  it('names only tests that are there, by their file and title', () => {
    const named = [...read(page).matchAll(/`((?:test|src)\/[^`]+\.ts)`((?:,? “[^”]+”)*)/g)]
    for (const [, file = '', titles = ''] of named) {
      expect(existsSync(path.join(root, file)), file).toBe(true)
      const source = read(file)
      const quoted = [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title)
      const missing = quoted.filter(title => ![`'`, `"`, '`'].some(quote => source.includes(quote + title + quote)))
      expect(missing, file).toEqual([])
    }
  })

  it('names only npm scripts that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...read(page).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, script]) => script ?? '')
    expect(named.filter(script => !(script in scripts))).toEqual([])
  })
})

/** Of systemd itself, which not every machine has. */
const systemdAnalyze = '/usr/bin/systemd-analyze'

it.skipIf(!existsSync(systemdAnalyze))('units that pages show are right for systemd (needs systemd-analyze)', () => {
  const units = pages.flatMap(page => [...read(page).matchAll(/^```systemd\n([\s\S]*?)^```/gm)])
  expect(units).not.toEqual([])
  const directory = mkdtempSync(path.join(tmpdir(), 'kuryr-units-'))
  try {
    for (const [, text = ''] of units) {
      const file = path.join(directory, 'kuryr.service')
      writeFileSync(file, text.replaceAll('/usr/local/bin/kuryr', path.join(root, 'bin/kuryr')))
      const { status, stderr } = spawnSync(systemdAnalyze, ['verify', file], { encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
})

it('README’s map names every part, and no other', () => {
  const map = read('README.md').split('## The map of the code')[1]?.split('\n\n`test/')[0] ?? ''
  const named = [...map.matchAll(/`([\w-]+)\/`/g)].map(([, part]) => part)
  const parts = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter(entry => entry.isDirectory())
  expect(named.filter(part => part !== 'src').sort()).toEqual(parts.map(({ name }) => name).sort())
})

it('the page on OpenStack has a test for each known bug of Python Kuryr', () => {
  const rows = [...read('docs/shown-on-openstack.md').matchAll(/^\| ([BDLR]\d+) \|.*\|(.*)\|$/gm)]
  const last = { B: 8, D: 16, L: 10, R: 8 }
  const all = Object.entries(last).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, at) => `${kind}${at + 1}`),
  )
  expect(rows.map(([, bug]) => bug)).toEqual(all)
  const without = rows.filter(([, , shown = '']) => !/“[^”]+”|as [BDLR]\d/.test(shown)).map(([, bug]) => bug)
  expect(without).toEqual([])
})
