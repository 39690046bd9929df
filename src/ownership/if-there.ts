import { isNotFound } from '../neutron/errors.ts'

/** The act's result; `undefined` where its resource is not there (any more), which is success. */
export async function ifThere<Result>(act: Promise<Result>): Promise<Result | undefined> {
  try {
    return await act
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
