import { parseArgs } from 'node:util'
import { type DockerVersion, type EtcdVersion, type Lab, startLab } from '../lab/lab.ts'
import { dockerPrograms, dockerVersions } from '../lab/programs/docker-programs.ts'
import { Experiment, type Narrator, type Step } from './experiment.ts'
import { steps as stepsWithClusterStore } from './steps.ts'
import { stepsWithoutClusterStore } from './without-cluster-store/steps.ts'

const help = `Docker hosts, an etcd and kuryr on this machine, in network namespaces: one network on all.

Usage: npm run quickstart [-- options]

  --engine 20.10   two hosts with Docker 20.10 and its cluster store: the experiment (the default)
  --engine 26      three hosts with Debian 13's Docker, which has no cluster store: kuryr shares the network
  --engine newest  the same with the newest Docker that Debian has
  --keep           leave everything up to play with; 'npm run lab:stop' ends it
  --etcd 3.5       Debian 13's etcd in place of Debian 12's 3.4
  --help           this text

Needs root. Docker and etcd are unpacked below /var/cache/kuryr-lab, not installed.
Exit status: 0 if all seven steps hold, else 1.
`

interface Options {
  engine: DockerVersion
  etcd: EtcdVersion
  keep: boolean
}

const aloud: Narrator = {
  command(machine, commandLine, output) {
    say(`${machine}# ${commandLine}`)
    if (output !== '') say(output)
  },
  remark: say,
}

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: '20.10' },
    keep: { type: 'boolean', default: false },
    etcd: { type: 'string', default: '3.4' },
    help: { type: 'boolean', default: false },
  },
})
const engine = dockerVersions.find(version => version === values.engine)

if (values.help) process.stdout.write(help)
else if (engine === undefined) wrong(`--engine ${values.engine}: expected ${dockerVersions.join(', ')}`)
else if (values.etcd !== '3.4' && values.etcd !== '3.5') wrong(`--etcd ${values.etcd}: expected 3.4 or 3.5`)
else process.exitCode = await quickstart({ engine, etcd: values.etcd, keep: values.keep })

function wrong(what: string): void {
  process.stderr.write(`quickstart: ${what}\n`)
  process.exitCode = 64
}

async function quickstart({ engine, etcd, keep }: Options): Promise<number> {
  const start = performance.now()
  const classic = engine === '20.10'
  const steps = classic ? stepsWithClusterStore : stepsWithoutClusterStore
  say(`Starting etcd and ${classic ? 'two' : 'three'} Docker hosts with kuryr …`)
  const lab = await startLab({ name: 'quickstart', hosts: classic ? 2 : 3, etcd, docker: engine })
  const hosts = lab.hosts.map(({ name, address }) => `${name} ${address}`)
  say(`They are up after ${seconds(start)} s: etcd 10.8.65.79, ${hosts.join(', ')}.`)
  let verdicts: string[]
  try {
    verdicts = await runSteps(new Experiment(lab, aloud, { sharedBy: classic ? 'docker' : 'kuryr' }), steps)
  } finally {
    if (keep) await leaveUp(lab, engine)
    else await lab.stop()
  }
  say(`\n${verdicts.join('\n')}\n`)
  const held = verdicts.filter(verdict => verdict.startsWith('ok')).length
  say(`${held} of ${steps.length} steps hold, after ${seconds(start)} s.`)
  return held === steps.length ? 0 : 1
}

/** A step that does not hold makes the later ones meaningless: they count as not tried. */
async function runSteps(experiment: Experiment, steps: readonly Step[]): Promise<string[]> {
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

async function leaveUp(lab: Lab, engine: DockerVersion): Promise<void> {
  await lab.keep()
  say('\nThe lab stays up. To reach each Docker:')
  const { docker } = await dockerPrograms(engine)
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
