import { parseArgs } from 'node:util'
import { type EtcdVersion, type Lab, startLab } from '../lab/lab.ts'
import { docker20 } from '../lab/programs/docker-programs.ts'
import { Experiment, type Narrator } from './experiment.ts'
import { steps } from './steps.ts'

const help = `Two Docker hosts, an etcd and kuryr on this machine, in network namespaces: one network on both.

Usage: npm run quickstart [-- options]

  --keep        leave everything up to play with; 'npm run lab:stop' ends it
  --etcd 3.5    Debian 13's etcd in place of Debian 12's 3.4
  --help        this text

Needs root. Docker 20.10 and etcd are unpacked below /var/cache/kuryr-lab, not installed.
Exit status: 0 if all seven steps hold, else 1.
`

const aloud: Narrator = {
  command(machine, commandLine, output) {
    say(`${machine}# ${commandLine}`)
    if (output !== '') say(output)
  },
  remark: say,
}

const { values } = parseArgs({
  options: {
    keep: { type: 'boolean', default: false },
    etcd: { type: 'string', default: '3.4' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(help)
else if (values.etcd === '3.4' || values.etcd === '3.5') process.exitCode = await quickstart(values.etcd, values.keep)
else {
  process.stderr.write(`quickstart: --etcd ${values.etcd}: expected 3.4 or 3.5\n`)
  process.exitCode = 64
}

async function quickstart(etcd: EtcdVersion, keep: boolean): Promise<number> {
  const start = performance.now()
  say('Starting etcd and two Docker hosts with kuryr …')
  const lab = await startLab({ name: 'quickstart', hosts: 2, etcd })
  say(`They are up after ${seconds(start)} s: etcd 10.8.65.79, node1 10.8.65.80, node2 10.8.65.81.`)
  let verdicts: string[]
  try {
    verdicts = await runSteps(new Experiment(lab, aloud))
  } finally {
    if (keep) await leaveUp(lab)
    else await lab.stop()
  }
  say(`\n${verdicts.join('\n')}\n`)
  const held = verdicts.filter(verdict => verdict.startsWith('ok')).length
  say(`${held} of ${steps.length} steps hold, after ${seconds(start)} s.`)
  return held === steps.length ? 0 : 1
}

/** A step that does not hold makes the later ones meaningless: they count as not tried. */
async function runSteps(experiment: Experiment): Promise<string[]> {
  const verdicts: string[] = []
  for (const [index, step] of steps.entries()) {
    const name = `${index + 1}. ${step.title}`
    say(`\n=== ${name}`)
    try {
      await step.run(experiment)
      verdicts.push(`ok          ${name}${experiment.takeCaveat()}`)
    } catch (error) {
      verdicts.push(`NOT SO      ${name}\n            ${error instanceof Error ? error.message : String(error)}`)
      return [...verdicts, ...steps.slice(index + 1).map((later, n) => `not tried   ${index + n + 2}. ${later.title}`)]
    }
  }
  return verdicts
}

async function leaveUp(lab: Lab): Promise<void> {
  await lab.keep()
  say('\nThe lab stays up. To reach each Docker:')
  const { docker } = await docker20()
  for (const host of lab.hosts)
    say(`  ${host.name}: ${docker} -H ${host.dockerUrl} …   (log of kuryr: ${host.kuryr.logFile})`)
  say('To end it: npm run lab:stop')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1)
}
