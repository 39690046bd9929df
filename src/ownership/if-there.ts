import { isNotFound } from '../neutron/errors.ts'

/** Does the act; that its resource is not there (any more) is success. */
export async function ifThere(act: Promise<unknown>): Promise<void> {
  try {
    await act
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
