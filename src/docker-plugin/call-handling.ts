import type { Logger } from 'pino'
import { causesOf, type ErrorAnswer, errorAnswer, plainMessage } from './error-answer.ts'
import { PluginError } from './plugin-error.ts'
import { type Drivers, type ProtocolMethod } from './protocol-methods.ts'
import { quoted } from './quoted-value.ts'
import { bodyValue, type ReceivedBody } from './request-body.ts'
import { fieldsOf } from './request-validation.ts'
import type { CallLimits, RunningCall } from './running-calls.ts'

/** How a call ended: `refused` is the caller's fault (4xx), `failed` ours (5xx), `late` an abort by deadline, stop or caller. */
export type CallOutcome = 'ok' | 'refused' | 'failed' | 'late'

/** What a call was, for metrics. */
export interface CallReport {
  method: string
  milliseconds: number
  outcome: CallOutcome
}

/** What carries calls out. */
export interface CallHandling extends CallLimits {
  drivers: Drivers
  log: Logger
  onCall: (report: CallReport) => void
}

/** One call as it came in. */
export interface IncomingCall {
  method: string
  protocol: ProtocolMethod
  body: ReceivedBody
  running: RunningCall
}

/** What is sent back: a status and a JSON text. */
export interface Answer {
  status: number
  text: string
}

/** Validates, carries out, logs and counts one call. Never rejects: whatever is thrown becomes an answer. */
export async function carryOut(handling: CallHandling, incoming: IncomingCall): Promise<Answer> {
  const { method, running } = incoming
  const started = performance.now()
  const deadline = setTimeout(
    () => running.abort(`the call was not done within its deadline of ${handling.callTimeout} s`),
    handling.callTimeout * 1000,
  )
  let log = handling.log.child({ method })
  try {
    const message = requestOf(incoming)
    const run = incoming.protocol.prepare(message)
    log = log.child(idsOf(message))
    const work = (async () => run(handling.drivers, { signal: running.signal, log }))()
    const result = await running.settle(work, handling.undoTime, outcome => logLate(log, outcome))
    const text = JSON.stringify(result ?? {})
    report(handling, log, { incoming, started, outcome: 'ok' })
    return { status: 200, text }
  } catch (error) {
    const answer = errorAnswer(error)
    report(handling, log, { incoming, started, outcome: outcomeOf(answer, running), answer, error })
    return { status: answer.status, text: JSON.stringify(answer.body) }
  } finally {
    clearTimeout(deadline)
  }
}

function requestOf({ protocol, body }: IncomingCall): unknown {
  const message = bodyValue(body)
  if (message === undefined && protocol.request !== undefined) {
    throw new PluginError(
      400,
      `the body is empty: expected ${fieldsOf(protocol.request)}; Docker sends this after a broken connection; the call was not carried out`,
    )
  }
  return message
}

const loggedIds = ['NetworkID', 'EndpointID', 'PoolID', 'Pool', 'SubPool', 'Address'] as const

/** What the log names a call by. Never options: they may hold secrets. */
function idsOf(message: unknown): Record<string, string> {
  if (typeof message !== 'object' || message === null) return {}
  const fields = new Map(Object.entries(message))
  const ids: Record<string, string> = {}
  for (const name of loggedIds) {
    const value: unknown = fields.get(name)
    if (typeof value === 'string' && value !== '') ids[name] = value
  }
  return ids
}

function outcomeOf(answer: ErrorAnswer, running: RunningCall): CallOutcome {
  if (running.signal.aborted) return 'late'
  return answer.status < 500 ? 'refused' : 'failed'
}

interface Ending {
  incoming: IncomingCall
  started: number
  outcome: CallOutcome
  answer?: ErrorAnswer
  error?: unknown
}

function report({ onCall, log: serverLog }: CallHandling, log: Logger, ending: Ending): void {
  const { incoming, outcome, answer, error } = ending
  const milliseconds = Math.round((performance.now() - ending.started) * 1000) / 1000
  if (answer === undefined) {
    log[incoming.protocol.effect === 'reads' ? 'debug' : 'info']({ milliseconds, outcome }, 'call answered')
  } else {
    const unexpected = outcome === 'failed' && error instanceof Error && !(error instanceof PluginError)
    const stack = unexpected ? { at: error.stack?.split('\n').filter(line => /^\s+at /.test(line)) } : {}
    const fields = {
      milliseconds,
      outcome,
      status: answer.status,
      error: answer.body.Err,
      causes: causesOf(error),
      ...stack,
    }
    log[outcome === 'refused' ? 'warn' : 'error'](fields, 'call not carried out')
  }
  try {
    onCall({ method: incoming.method, milliseconds, outcome })
  } catch (hookError) {
    serverLog.error({ error: plainMessage(hookError) }, 'the hook for finished calls failed')
  }
}

function logLate(log: Logger, outcome: PromiseSettledResult<unknown>): void {
  if (outcome.status === 'rejected') {
    log.warn(
      { error: plainMessage(outcome.reason), causes: causesOf(outcome.reason) },
      'call failed after it had been answered as late',
    )
    return
  }
  const result = quoted(outcome.value)
  log.error({ result }, 'call succeeded after it had been answered as late: what it made is known to nobody')
}
