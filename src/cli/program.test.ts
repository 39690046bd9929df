import { describe, expect, test } from 'vitest'
import type { RunDaemon } from './cli-world.ts'
import { run, worldOf } from './testing/world.ts'

const good = { '/etc/kuryr/kuryr.conf': '[store]\nurl = etcd://h1:2379\nusername = kuryr\npassword = hunter2' }

describe('the command line', () => {
  test.each([
    [['sevre'], "unknown command 'sevre'\n(Did you mean serve?)"],
    [['config', 'shwo'], "unknown command 'shwo'\n(Did you mean show?)"],
    [['config', 'show', '--formta', 'json'], "unknown option '--formta'\n(Did you mean --format?)"],
    [['config', 'show', '--format', 'xml'], 'Allowed choices are table, json, ini.'],
    [['serve', 'now'], "too many arguments for 'serve'"],
    [['completion', 'csh'], 'Allowed choices are bash, zsh, fish.'],
  ])('%j ends with 64 and says what to write', async (words, message) => {
    const { status, stdout, stderr } = await run(words, worldOf({}))
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toContain(message)
  })

  test('without a word it tells its help on standard error and ends with 64', async () => {
    const { status, stderr } = await run([], worldOf({}))
    expect(status).toBe(64)
    expect(stderr).toContain('Usage: kuryr')
  })

  test('help of a command shows the global options too', async () => {
    const { status, stdout } = await run(['config', 'show', '--help'], worldOf({}))
    expect(status).toBe(0)
    expect(stdout).toMatch(/Global Options:[^]*--config-file[^]*Examples:/)
  })
})

describe('kuryr config', () => {
  test('show --changed tells value and origin, with secrets masked', async () => {
    const { status, stdout } = await run(['config', 'show', '--changed', '--debug'], worldOf({ files: good }))
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        'SECTION  OPTION    VALUE           FROM',
        'DEFAULT  debug     true            --debug',
        'store    url       etcd://h1:2379  /etc/kuryr/kuryr.conf:2',
        'store    username  kuryr           /etc/kuryr/kuryr.conf:3',
        'store    password  ***             /etc/kuryr/kuryr.conf:4',
        '',
      ].join('\n'),
    )
  })

  test.each(['table', 'json', 'ini'])('show --format %s never tells a secret', async format => {
    const { status, stdout } = await run(['config', 'show', '--format', format], worldOf({ files: good }))
    expect(status).toBe(0)
    expect(stdout).toContain('etcd://h1:2379')
    expect(stdout).not.toContain('hunter2')
  })

  test('show --format json gives value and origin by section and option', async () => {
    const { stdout } = await run(['config', 'show', '-f', 'json'], worldOf({ files: good }))
    expect(JSON.parse(stdout)).toMatchObject({
      DEFAULT: { host: { value: 'node1', from: 'default' } },
      store: { url: { value: 'etcd://h1:2379', from: '/etc/kuryr/kuryr.conf:2' } },
    })
  })

  test('check tells files and warnings of a right configuration', async () => {
    const file = '[DEFAULT]\nbindir = /x\n[oslo_policy]\n'
    const { status, stdout } = await run(['config', 'check'], worldOf({ files: { '/etc/kuryr.conf': file } }))
    expect(status).toBe(0)
    expect(stdout).toBe(
      'The configuration is right (read: /etc/kuryr.conf).\n' +
        'Warning: /etc/kuryr.conf:3: section [oslo_policy] is for other programs: ignored\n' +
        'Set without effect: [DEFAULT] bindir\n',
    )
  })

  test('check of a wrong one ends with 78 and tells everything that is wrong', async () => {
    const files = { '/etc/kuryr.conf': '[DEFAULT]\nhots = x\nenable_ssl = perhaps' }
    const { status, stdout, stderr } = await run(['config', 'check'], worldOf({ files }))
    expect([status, stdout]).toEqual([78, ''])
    expect(stderr).toContain('the configuration has 2 problems:\n/etc/kuryr.conf:2: unknown option hots')
    expect(stderr).toContain('/etc/kuryr.conf:3: [DEFAULT] enable_ssl: expected true or false')
  })

  test('colours are for terminals, and not where NO_COLOR is set', async () => {
    const outputs = await Promise.all(
      [{}, { tty: true }, { tty: true, env: { NO_COLOR: '1' } }].map(given => run(['config', 'check'], worldOf(given))),
    )
    expect(outputs.map(({ stdout }) => stdout.includes('\u001b['))).toEqual([false, true, false])
  })
})

describe('kuryr serve', () => {
  test('gives the daemon its configuration, and the first signal asks it to stop', async () => {
    let host = ''
    const untilStopped: RunDaemon = (loaded, { signal }) => {
      host = loaded.config.DEFAULT.host
      return new Promise(resolve => {
        signal.addEventListener('abort', () => resolve())
        world.signal('SIGTERM')
      })
    }
    const world = worldOf({ daemon: untilStopped })
    expect(await run(['serve', '--set', 'DEFAULT.host=h7'], world)).toMatchObject({ status: 0, stderr: '' })
    expect(host).toBe('h7')
    expect(world.exits).toEqual([])
  })

  test('a second signal ends the process at once', async () => {
    const world = worldOf({
      daemon: () => {
        world.signal('SIGTERM')
        world.signal('SIGINT')
        return Promise.resolve()
      },
    })
    await run(['serve'], world)
    expect(world.exits).toEqual([130])
  })

  test('a daemon that fails is told with its causes and ends with 1', async () => {
    const failing: RunDaemon = () =>
      Promise.reject(new Error('cannot listen on /x.sock', { cause: new Error('address in use') }))
    expect(await run(['serve'], worldOf({ daemon: failing }))).toMatchObject({
      status: 1,
      stderr: 'kuryr: cannot listen on /x.sock: address in use\n',
    })
  })

  test('a wrong configuration ends with 78 before the daemon is loaded', async () => {
    const world = worldOf({ files: { '/etc/kuryr.conf': '[DEFAULT]\nx' } })
    world.loadDaemon = () => Promise.reject(new Error('loaded'))
    expect(await run(['serve'], world)).toMatchObject({ status: 78 })
  })
})
