/**
 * Carries a call out. A RangeError, which says that a value of the request cannot be, becomes a refusal with HTTP status
 * 400: the caller's fault, not ours.
 */
export async function refusing<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof RangeError) throw Object.assign(new Error(error.message, { cause: error }), { status: 400 })
    throw error
  }
}
