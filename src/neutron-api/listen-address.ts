import ipaddr from 'ipaddr.js'

/** Where to listen, taken apart. */
export interface ListenAddress {
  host: string
  port: number
  /** Whether only this machine can connect to it. */
  loopback: boolean
}

/** Reads `127.0.0.1:9696`, `[::1]:9696` or `localhost:9696`. @throws Error that says what was expected. */
export function readListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, portText = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = Number(portText)
  if (host === undefined || port > 65535)
    throw new Error(`neutron API: '${text}' is no address to listen on; expected host:port, such as 127.0.0.1:9696`)
  return { host, port, loopback: isLoopbackHost(host) }
}

/** Whether `host` is `localhost` or a loopback address. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback')
}
