import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const kuryr = new URL('../../bin/kuryr', import.meta.url).pathname

let directory: string
let oldNode: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'kuryr-bin-'))
  oldNode = join(directory, 'node')
  // Stands in for an older Node: whoever asks it anything fails.
  writeFileSync(oldNode, '#!/bin/sh\necho "this is node v20.20.2" >&2\nexit 9\n')
  chmodSync(oldNode, 0o755)
  writeFileSync(join(directory, 'kuryr.conf'), '[DEFAULT]\nhost = from-file\n')
})
afterAll(() => rmSync(directory, { recursive: true }))

interface Outcome {
  status: unknown
  stdout: string
  stderr: string
}

/** Runs a program in the test's own directory, with the stand-in for an older Node first on the PATH. */
function runThere(program: string, words: string[]): Promise<Outcome> {
  const env = { PATH: `${directory}:/usr/bin:/bin`, HOME: directory }
  return new Promise(resolve => {
    execFile(program, words, { cwd: directory, env, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ status: error ? error.code : 0, stdout, stderr }),
    )
  })
}

describe('bin/kuryr', { timeout: 60_000 }, () => {
  test('runs from another directory, whatever Node is on the PATH, with paths relative to that directory', async () => {
    const { status, stdout, stderr } = await runThere(kuryr, [
      'config',
      'show',
      '--changed',
      '--config-file',
      'kuryr.conf',
    ])
    expect(stderr).toBe('')
    expect(status).toBe(0)
    expect(stdout).toContain('from-file  kuryr.conf:2')
  })

  test('runs through a symbolic link', async () => {
    const link = join(directory, 'linked')
    symlinkSync(kuryr, link)
    const { stdout } = await runThere(link, ['version'])
    expect(stdout).toMatch(/^kuryr \d+\.\d+\.\d+ \(Node v(2[4-9]|[3-9]\d)/)
  })

  test('passes its exit status on', async () => {
    expect(await runThere(kuryr, ['nonsense'])).toMatchObject({ status: 64 })
    expect(await runThere(kuryr, ['config', 'check', '--set', 'x.y=z'])).toMatchObject({ status: 78 })
  })

  test.each([
    ['n', 1, 'nothing was removed'],
    ['', 1, 'nothing was removed'],
    ['y', 2, 'There is no socket at'],
  ])('host rm asks on a terminal: %j', async (answer, status, said) => {
    const command = `${kuryr} host rm node3 --set DEFAULT.kuryr_uri=unix://${directory}/none.sock`
    // script(1) of Debian's essential packages is a terminal for the command.
    const typed = 'sleep 1; echo "$2"; sleep 1'
    const inTerminal = `{ ${typed}; } | script --quiet --return --command "$1" /dev/null`
    const outcome = await runThere('/bin/bash', ['-c', inTerminal, 'bash', command, answer])
    expect(outcome.stdout).toContain('Remove host node3 for good?')
    expect(outcome.stdout).toContain(said)
    expect(outcome.status).toBe(status)
  })

  test('completion for bash offers commands, options and values', async () => {
    const complete = (line: string): Promise<Outcome> => {
      const script =
        'source <("$1" completion bash); COMP_LINE="$2"; COMP_POINT=${#2}; read -ra COMP_WORDS <<<"$2"; ' +
        '[[ "$2" == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _kuryr 2>/dev/null; echo "${COMPREPLY[@]}"'
      return runThere('/bin/bash', ['-c', script, 'bash', kuryr, line])
    }
    expect((await complete('kuryr co')).stdout).toBe('config completion\n')
    expect((await complete('kuryr config ')).stdout).toContain('show check sample')
    expect((await complete('kuryr config show --format ')).stdout).toBe('table json ini\n')
    expect((await complete('kuryr completion ')).stdout).toContain('bash zsh fish')
    writeFileSync(
      join(directory, 'kuryr'),
      '#!/bin/sh\n[ "$1 $2" = "__complete networks" ] && echo blue && echo green\n',
    )
    chmodSync(join(directory, 'kuryr'), 0o755)
    expect((await complete('kuryr network inspect b')).stdout).toBe('blue\n')
    expect((await complete('kuryr network inspect ')).stdout).toContain('blue green --format')
    expect((await complete('kuryr serve --set store.u')).stdout).toBe('store.url= store.username=\n')
  })
})
