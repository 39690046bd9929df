import path from 'node:path'

/** The name of our driver in Docker: that of its socket; over TCP, of the file that names the address. */
export function driverName(uri: string): string {
  return uri.startsWith('unix://') ? path.basename(uri, '.sock') : 'kuryr'
}
