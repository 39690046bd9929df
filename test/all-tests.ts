import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { provideDebianPackages } from './lab/openstack/openstack-packages.ts'
import { expectRoot, provideSystemNeeds } from './lab/programs/system-needs.ts'

/** The kinds of tests, in the order of their cost: vitest projects. */
const KINDS = ['unit', 'fuzz', 'integration', 'neutron', 'e2e'] as const

/** Run only when asked for: it takes some ten minutes. */
const LONG_KIND = 'openstack'

interface Count {
  passed: number
  failed: number
  skipped: number
}

const help = `Runs every check of the project: all tests, types and lint, and counts them by kind.

Usage: npm test [-- --kind unit] [-- --no-lint]

  --kind KIND   only this kind of tests (${KINDS.join(', ')}, or ${LONG_KIND},
                which is not among all: every L2 agent, OVN, faults of Neutron); may be repeated
  --no-lint     leave out the type check and lint
  --help        this text

Needs root, for network namespaces and real Docker daemons. Debian packages that are missing are
installed (iproute2 and the like) or unpacked beside the system (Docker, etcd), and said so.
`

/** The outcome of each step, for the closing lines. */
const failures: string[] = []

const { values } = parseArgs({
  options: {
    kind: { type: 'string', multiple: true },
    lint: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
  allowNegative: true,
})

if (values.help) {
  process.stdout.write(help)
} else {
  expectRoot('npm test')
  await provideSystemNeeds()
  const { kind: wanted } = values
  const kinds = wanted === undefined ? KINDS : [...KINDS, LONG_KIND].filter(kind => wanted.includes(kind))
  const counts = new Map<string, Count>()
  // Tests end to end mostly wait: others take the time that they leave.
  const leaveTime = kinds.some(kind => kind === 'e2e')
  const isBeside = (kind: string): boolean => leaveTime && kind === 'neutron'
  const beside = async (): Promise<void> => {
    if (values.lint) await checkSources()
    for (const kind of kinds.filter(isBeside)) counts.set(kind, await runTests(kind, quietly))
  }
  // Neither kind shall run into the time that an installation takes.
  if (kinds.some(isBeside)) await provideDebianPackages()
  if (!leaveTime) await beside()
  for (const kind of kinds.filter(one => !isBeside(one))) {
    const others = kind === 'e2e' ? beside() : undefined
    counts.set(kind, await runTests(kind, run))
    await others
  }
  report(counts)
}

async function checkSources(): Promise<void> {
  for (const script of ['typecheck', 'lint']) {
    const { status, said } = await quietly('npm', ['run', '--silent', script])
    process.stdout.write(`${script}: ${status === 0 ? 'ok' : `failed with status ${status}`}\n`)
    if (status !== 0) failures.push(`${script}\n${said}`)
  }
}

async function runTests(kind: string, start: typeof run): Promise<Count> {
  const directory = await mkdtemp(path.join(tmpdir(), 'kuryr-tests-'))
  const outputFile = path.join(directory, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`]
  try {
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', kind, '--passWithNoTests', ...reporters]
    const { status, said } = await start('bin/node', vitest)
    process.stdout.write(said)
    const count = await readCount(outputFile)
    // A file that cannot be loaded, or an error outside of any test, fails the run without failing a test.
    if (status !== 0 && count.failed === 0) failures.push(`${kind} tests (status ${status})`)
    return count
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function readCount(file: string): Promise<Count> {
  try {
    const report = JSON.parse(await readFile(file, 'utf8')) as Record<string, number>
    const { numPassedTests: passed = 0, numFailedTests: failed = 0 } = report
    return { passed, failed, skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0) }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

function report(counts: Map<string, Count>): void {
  process.stdout.write('\n')
  for (const [kind, { passed, failed, skipped }] of counts) {
    process.stdout.write(`${kind.padEnd(12)} ${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  }
  for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`)
  const sum = (key: keyof Count): number => [...counts.values()].reduce((total, count) => total + count[key], 0)
  const failed = sum('failed') + failures.length
  process.stdout.write(`\n${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped\n`)
  process.exitCode = failed > 0 || sum('passed') === 0 ? 1 : 0
}

interface Outcome {
  status: number
  /** What it wrote and nobody has seen yet. */
  said: string
}

/** As {@link run}, with what it says kept for its end. */
async function quietly(program: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close') as Promise<[number | null]>
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { status: code ?? 1, said: `${out}${err}` }
}

/** Runs it in the sight of all. */
async function run(program: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(program, args, { stdio: 'inherit' })
  const [code] = (await once(child, 'close')) as [number | null]
  return { status: code ?? 1, said: '' }
}
