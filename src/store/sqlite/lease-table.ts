import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** The time and the timers that leases need. */
export interface StoreClock {
  /** Milliseconds since 1970: leases outlive the process, so their end is kept as a time of day. */
  now(): number
  /** Runs `act` once, `milliseconds` from now, without keeping the process alive; returns how to call it off. */
  after(milliseconds: number, act: () => void): () => void
}

/** The system's clock. */
export const systemClock: StoreClock = {
  now: () => Date.now(),
  after(milliseconds, act) {
    const timer = setTimeout(act, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** The rows of the leases: until when each one holds. */
export class LeaseTable {
  readonly #clock: StoreClock
  readonly #insert: StatementSync
  readonly #renew: StatementSync
  readonly #delete: StatementSync
  readonly #all: StatementSync

  constructor(database: DatabaseSync, clock: StoreClock) {
    this.#clock = clock
    this.#insert = database.prepare('INSERT INTO lease (id, ttl_ms, expires_at_ms) VALUES (?, ?, ?)')
    this.#renew = database.prepare('UPDATE lease SET expires_at_ms = ? + ttl_ms WHERE id = ?')
    this.#delete = database.prepare('DELETE FROM lease WHERE id = ?')
    this.#all = database.prepare('SELECT id, ttl_ms, expires_at_ms FROM lease')
  }

  add(id: number, ttlMs: number): void {
    this.#insert.run(id, ttlMs, this.#clock.now() + ttlMs)
  }

  /** The lease holds for its whole time to live from now on. */
  renew(id: number): void {
    this.#renew.run(this.#clock.now(), id)
  }

  delete(id: number): void {
    this.#delete.run(id)
  }

  /** For each lease the milliseconds that it has left; never more than its time to live, wherever the clock was set. */
  remaining(): { id: number; remainingMs: number }[] {
    const now = this.#clock.now()
    return this.#all.all().map(row => ({
      id: Number(row.id),
      remainingMs: Math.max(0, Math.min(Number(row.ttl_ms), Number(row.expires_at_ms) - now)),
    }))
  }
}
