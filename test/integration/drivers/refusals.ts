import { expect } from 'vitest'
import { DockerError } from './plugin-client.ts'

/** The refusal of a call, checked for what Docker needs: an error status but not 404, the text in `Err` and `Error`. */
export async function refusal(work: Promise<unknown>): Promise<DockerError> {
  const error: unknown = await work.then(
    () => new Error('expected a refusal, but the call succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof DockerError)) throw error
  expect(error.status).toBeGreaterThanOrEqual(400)
  expect(error.status).not.toBe(404)
  expect(error.body.Err).toMatch(/\w+ \w+/)
  expect(error.body.Error).toBe(error.body.Err)
  return error
}
