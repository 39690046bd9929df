/** What becomes of a port that a container asks to publish: `ignored`, where its network publishes nothing. */
export type PortOutcome = 'forwarded' | 'refused' | 'ignored'

/** Counts what becomes of ports that containers ask to publish, and keeps in mind whose wish has no effect. */
export class PortOutcomes {
  readonly #ignored = new Set<string>()
  readonly #onOutcome: (outcome: PortOutcome, ports: number) => void

  constructor(onOutcome: (outcome: PortOutcome, ports: number) => void = () => undefined) {
    this.#onOutcome = onOutcome
  }

  /** How many endpoints of this host, since the daemon started, ask in vain. */
  get ignored(): number {
    return this.#ignored.size
  }

  add(endpointId: string, outcome: PortOutcome, ports: number): void {
    if (outcome === 'ignored') this.#ignored.add(endpointId)
    this.#onOutcome(outcome, ports)
  }

  /** The endpoint is gone, or asks no more. */
  forget(endpointId: string): void {
    this.#ignored.delete(endpointId)
  }
}
