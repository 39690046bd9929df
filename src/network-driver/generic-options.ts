/**
 * The `-o` options of a network as they come within its other options.
 *
 * @throws {RangeError} when they are no object.
 */
export function genericOptions(
  options: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, unknown> | undefined {
  const generic = options?.['com.docker.network.generic']
  if (generic === undefined || generic === null) return undefined
  if (typeof generic !== 'object' || Array.isArray(generic)) {
    throw new RangeError(
      `Options["com.docker.network.generic"]: expected an object of -o options, got ${JSON.stringify(generic)}`,
    )
  }
  return generic as Record<string, unknown>
}
