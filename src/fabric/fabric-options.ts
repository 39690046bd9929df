import type { LinkOps } from '../host-network/link-ops.ts'
import type { ClusterView } from './cluster-view.ts'

export interface FabricOptions {
  linkOps: LinkOps
  view: ClusterView
  /** This host's name, as in its ports' `binding:host_id`. */
  host: string
  /** This host's address that other hosts send VXLAN to. Without it there is no VXLAN at all: a host alone. */
  localAddress?: string | undefined
  /** UDP port of VXLAN, the same on all hosts (IANA: 4789). */
  vxlanPort: number
  log: FabricLog
  clock?: FabricClock
  /** Start of the namespaces' names. Tests that play several hosts in one /run/netns set it; else `kuryr-`. */
  namespacePrefix?: string
}

/** The two levels that the fabric writes; pino has them. */
export interface FabricLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

export interface FabricClock {
  /** Calls `task` once after `delay` milliseconds. Returns the way to cancel it. */
  after(delay: number, task: () => void): () => void
}

/** Real time; its timers do not keep the process alive. */
export const systemClock: FabricClock = {
  after(delay, task) {
    const timer = setTimeout(task, delay)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
