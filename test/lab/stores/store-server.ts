/** The store of a lab's kuryrs where it is not etcd, on the machine at 10.8.65.79. */
export interface StoreServer {
  /** For `[store] url`. */
  readonly url: string
  /** Starts it on the data that it has, and waits until it serves. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Ends it as a crash would. */
  kill(): Promise<void>
}

/** Where a store of a lab runs. */
export interface StorePlan {
  labId: string
  /** The machine's name, for its network namespace. */
  machine: string
  address: string
  /** For its data, configuration and log. */
  directory: string
}
