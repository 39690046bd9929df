import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { openMetrics } from './metrics.ts'
import { serveMetrics } from './metrics-server.ts'

// After a change of metrics: npm run vitest -- run src/daemon/metrics.test.ts -u
const page = new URL('../../docs/metrics.md', import.meta.url)
const log = pino({ level: 'silent' })

interface Described {
  name: string
  help: string
  type: string
}

/** What Prometheus is told of each metric, without its values. */
async function described(): Promise<Described[]> {
  const text = await openMetrics().text(undefined)
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]))
  return [...text.matchAll(/^# HELP (\S+) (.+)$/gm)].map(([, name = '', help = '']) => ({
    ...{ name, help, type: types.get(name) ?? '' },
  }))
}

function table(metrics: readonly Described[]): string {
  const rows = metrics.map(({ name, type, help }) => `| \`${name}\` | ${type} | ${help} |\n`)
  return `\n| metric | type | what it tells |\n| --- | --- | --- |\n${rows.join('')}\n`
}

describe('docs/metrics.md', () => {
  it('has every metric, and no other', async () => {
    const metrics = await described()
    const ofProcess = (name: string): boolean => /^kuryr_(process|nodejs)_/.test(name)
    const tables = {
      own: table(metrics.filter(({ name }) => !ofProcess(name))),
      process: table(metrics.filter(({ name }) => ofProcess(name))),
    }
    const generated = readFileSync(page, 'utf8').replace(
      /(<!-- (own|process): begin.*?-->\n).*?(<!-- \2: end)/gs,
      (_all, begin: string, which: keyof typeof tables, end: string) => begin + tables[which] + end,
    )
    expect(generated).toContain('| `kuryr_plugin_calls_total` | counter |')
    expect(generated).toContain('| `kuryr_process_resident_memory_bytes` | gauge |')
    await expect(generated).toMatchFileSnapshot(page.pathname)
  })
})

describe('what is counted', () => {
  it('is served at /metrics, and nothing else is', async () => {
    const metrics = openMetrics()
    metrics.call({ method: 'IpamDriver.RequestPool', outcome: 'ok', milliseconds: 1500 })
    metrics.sharingStep('make')
    metrics.unreadableRecord('networks/x')
    const served = await serveMetrics('127.0.0.1:19697', { text: () => metrics.text(undefined), log })
    try {
      const answer = await fetch(`${served.address}/metrics`)
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
      const text = await answer.text()
      for (const line of [
        'kuryr_plugin_calls_total{method="IpamDriver.RequestPool",outcome="ok"} 1',
        'kuryr_plugin_call_seconds_total{method="IpamDriver.RequestPool"} 1.5',
        'kuryr_sharing_steps_total{step="make"} 1',
        'kuryr_sharing_records_skipped_total 1',
        'kuryr_sharing_networks{place="cluster"} 0',
      ]) {
        expect(text.split('\n')).toContain(line)
      }
      expect((await fetch(`${served.address}/kuryr/status`)).status).toBe(404)
      expect((await fetch(`${served.address}/metrics`, { method: 'POST' })).status).toBe(404)
    } finally {
      await served.close()
    }
  })

  it('has the state of sharing as it is when it is asked for', async () => {
    const metrics = openMetrics()
    const problem = { sharedId: 'x', why: '', todo: '' }
    const text = await metrics.text({
      ...{ via: 'replica', namespace: 'default', engine: null, networks: 3, here: 2, unreadable: {}, held: null },
      problems: [problem],
    })
    expect(text).toContain('kuryr_sharing_networks{place="cluster"} 3\nkuryr_sharing_networks{place="here"} 2\n')
    expect(text).toContain('kuryr_sharing_problems 1\n')
  })

  it('is not served on what is no address', async () => {
    await expect(serveMetrics('9697', { text: () => Promise.resolve(''), log })).rejects.toThrow('expected host:port')
  })
})
