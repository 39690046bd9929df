import { destination, type Logger, pino } from 'pino'
import type { Config } from '../config/option-table.ts'

/**
 * The daemon's log: one JSON object per line, on standard error or in `log_file`. Secrets never reach it: what is logged
 * are ids, addresses and messages, and fields that are named like a secret are masked.
 */
export function openLog({ DEFAULT }: Config): Logger {
  return pino(
    {
      level: DEFAULT.debug ? 'debug' : 'info',
      base: { host: DEFAULT.host },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: ['*.password', '*.token', '*.secret', 'password', 'token', 'secret'],
    },
    destination({ dest: DEFAULT.log_file ?? 2, sync: true, mkdir: true }),
  )
}
