/** Where the service tells what happened to it: pino's shape. */
export interface ServiceLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}
