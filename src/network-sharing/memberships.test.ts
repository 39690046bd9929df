import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Memberships } from './memberships.ts'

let directory: string
let file: string
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'memberships-'))
  file = path.join(directory, 'shared-networks.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

it('remembers networks and pools over a restart, and forgets what it is told to', () => {
  const first = new Memberships(directory)
  expect(first.startedEmpty).toBe(true)
  first.addNetwork('local', 'shared')
  first.addPools(['pool'], 'shared')
  first.addNetwork('other', 'kept')
  const second = new Memberships(directory)
  expect(second.startedEmpty).toBe(false)
  expect([second.ofNetwork('local'), second.ofPool('pool')]).toEqual(['shared', 'shared'])
  second.forget('shared')
  const third = new Memberships(directory)
  expect([third.ofNetwork('local'), third.ofNetwork('other')]).toEqual([undefined, 'kept'])
})

it('killed while it writes: the file is as before, and the draft is in nobody’s way', () => {
  new Memberships(directory).addNetwork('local', 'shared')
  writeFileSync(`${file}.new`, readFileSync(file, 'utf8').slice(0, 20))
  const after = new Memberships(directory)
  expect(after.ofNetwork('local')).toBe('shared')
  after.addNetwork('more', 'shared')
  expect(new Memberships(directory).ofNetwork('more')).toBe('shared')
})

it.each(['', '{"networks": {', 'null', '{"networks": {"a": 1}, "pools": {}, "wishes": []}'])(
  'damaged (%s): says which file, and what to do',
  text => {
    writeFileSync(file, text)
    expect(() => new Memberships(directory)).toThrow(/shared-networks\.json is damaged.*remove it, it is made anew/)
  },
)
