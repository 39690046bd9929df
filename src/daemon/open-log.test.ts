import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../config/load-config.ts'
import { openLog } from './open-log.ts'

function absent(): never {
  throw Object.assign(new Error('absent'), { code: 'ENOENT' })
}

it('the log goes to log_file, made with its directory, one JSON object per line, secrets masked, errors whole', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kuryr-log-'))
  try {
    const file = join(directory, 'new', 'kuryr.log')
    const settings = [`DEFAULT.log_file=${file}`, 'DEFAULT.debug=true']
    const log = openLog(
      loadConfig({ set: settings }, { env: {}, hostname: 'node1', readFile: absent, listDirectory: absent }).config,
    )
    log.debug({ password: 'hunter2', store: { token: 'hunter2' } }, 'a line\nof two')
    log.warn({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed')
    const text = readFileSync(file, 'utf8')
    const lines = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ msg }) => msg)).toEqual(['a line\nof two', 'failed'])
    expect(lines[1]?.err).toMatchObject({ message: expect.stringMatching(/outer.*inner/) as string })
    expect(text).not.toContain('hunter2')
  } finally {
    rmSync(directory, { recursive: true })
  }
})
