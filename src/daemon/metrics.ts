import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { CallReport } from '../docker-plugin/call-handling.ts'
import type { PortOutcome } from '../port-access/port-outcomes.ts'
import type { SharingStatus } from '../network-sharing/network-sharing.ts'

/** What the daemon counts, in Prometheus' text form; docs/metrics.md lists all of it. */
export interface Metrics {
  call: (report: CallReport) => void
  publishedPorts: (outcome: PortOutcome, ports: number) => void
  sharingStep: (step: string) => void
  unreadableRecord: (key: string) => void
  /** The text, with `sharing` as it is now. */
  text(sharing: SharingStatus | undefined): Promise<string>
}

export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'kuryr_' })
  const registers = [registry]
  const calls = new Counter({
    name: 'kuryr_plugin_calls_total',
    help: 'Calls of Docker that were answered, by `method` and `outcome`.',
    labelNames: ['method', 'outcome'],
    registers,
  })
  const seconds = new Counter({
    name: 'kuryr_plugin_call_seconds_total',
    help: 'Seconds that calls of Docker took, by `method`.',
    labelNames: ['method'],
    registers,
  })
  const ports = new Counter({
    name: 'kuryr_published_ports_total',
    help: 'Ports that starting containers asked to publish (`-p`), by `outcome`: `forwarded`, `refused` (with the start), or `ignored`, where the network publishes none.',
    labelNames: ['outcome'],
    registers,
  })
  const steps = new Counter({
    name: 'kuryr_sharing_steps_total',
    help: 'Steps taken to make this host’s networks and the shared ones agree, by kind (`step`).',
    labelNames: ['step'],
    registers,
  })
  const skipped = new Counter({
    name: 'kuryr_sharing_records_skipped_total',
    help: 'Records of network sharing that came and could not be read.',
    registers,
  })
  const networks = new Gauge({
    name: 'kuryr_sharing_networks',
    help: 'Shared networks: of all hosts (`place="cluster"`), and present on this one (`place="here"`).',
    labelNames: ['place'],
    registers,
  })
  const problems = new Gauge({
    name: 'kuryr_sharing_problems',
    help: 'Shared networks that are not as they should be on this host.',
    registers,
  })
  return {
    call({ method, outcome, milliseconds }) {
      calls.inc({ method, outcome })
      seconds.inc({ method }, milliseconds / 1000)
    },
    publishedPorts: (outcome, count) => ports.inc({ outcome }, count),
    sharingStep: step => steps.inc({ step }),
    unreadableRecord: () => skipped.inc(),
    text(sharing) {
      networks.set({ place: 'cluster' }, sharing?.networks ?? 0)
      networks.set({ place: 'here' }, sharing?.here ?? 0)
      problems.set(sharing?.problems.length ?? 0)
      return registry.metrics()
    },
  }
}
