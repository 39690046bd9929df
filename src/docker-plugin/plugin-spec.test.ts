import { describe, expect, it } from 'vitest'
import { pluginSpec } from './plugin-spec.ts'

describe('the file that tells Docker where the plugin is', () => {
  it('is a bare address without TLS', () => {
    expect(pluginSpec('http://127.0.0.1:23750')).toEqual({ fileName: 'kuryr.spec', text: 'http://127.0.0.1:23750\n' })
    expect(pluginSpec('unix:///run/k.sock')).toEqual({ fileName: 'kuryr.spec', text: 'unix:///run/k.sock\n' })
  })

  it('names loopback where the plugin listens on every address', () => {
    expect(pluginSpec('http://[::]:23750').text).toBe('http://[::1]:23750\n')
  })

  it("is JSON with Docker's certificates with TLS", () => {
    const tls = { caFile: '/c/ca.pem', certFile: '/c/docker.pem', keyFile: '/c/docker.key' }
    const { fileName, text } = pluginSpec('https://0.0.0.0:23750', tls)
    expect(fileName).toBe('kuryr.json')
    expect(JSON.parse(text)).toEqual({
      Name: 'kuryr',
      Addr: 'https://127.0.0.1:23750',
      TLSConfig: {
        InsecureSkipVerify: false,
        CAFile: '/c/ca.pem',
        CertFile: '/c/docker.pem',
        KeyFile: '/c/docker.key',
      },
    })
  })
})
