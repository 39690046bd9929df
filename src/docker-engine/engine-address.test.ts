import { describe, expect, it } from 'vitest'
import { addressText, parseEngineAddress } from './engine-address.ts'

describe('the address of an engine', () => {
  it.each([
    ['unix:///run/docker.sock', false, { kind: 'unix', path: '/run/docker.sock' }],
    ['unix:///run/docker.sock', true, { kind: 'unix', path: '/run/docker.sock' }],
    ['tcp://127.0.0.1:2375', false, { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
    ['tcp://127.0.0.1:2375/', false, { kind: 'tcp', host: '127.0.0.1', port: 2375 }],
    ['tcp://docker.example', false, { kind: 'tcp', host: 'docker.example', port: 2375 }],
    ['tcp://docker.example', true, { kind: 'tcp', host: 'docker.example', port: 2376 }],
    ['tcp://docker.example:80', true, { kind: 'tcp', host: 'docker.example', port: 80 }],
    ['tcp://[fd00::1]:2376', true, { kind: 'tcp', host: 'fd00::1', port: 2376 }],
  ])('%s (TLS: %s)', (text, tls, expected) => {
    expect(parseEngineAddress(text, tls)).toEqual(expected)
  })

  it.each([
    ['', /unix:\/\/\/path\/of\/socket, or tcp:\/\/host:port/],
    ['/run/docker.sock', /unix:\/\/\/path/],
    ['unix://', /absolute path/],
    ['unix://run/docker.sock', /absolute path/],
    ['unix:///run/', /absolute path/],
    ['unix:///run/\0', /absolute path/],
    [`unix:///${'a'.repeat(107)}`, /107 bytes/],
    [`unix:///${'é'.repeat(54)}`, /107 bytes/],
    ['ssh://root@other', /over "ssh:\/\/…@other"/],
    ['npipe:////./pipe/docker_engine', /of the engine on this host/],
    ['fd://', /of the engine on this host/],
    ['http://127.0.0.1:2375', /tcp:\/\/host:port/],
    ['tcp://', /tcp:\/\/host:port/],
    ['tcp://:2375', /tcp:\/\/host:port/],
    ['tcp://127.0.0.1:0', /tcp:\/\/host:port/],
    ['tcp://127.0.0.1:65536', /tcp:\/\/host:port/],
    ['tcp://127.0.0.1:2375/docker', /tcp:\/\/host:port/],
    ['tcp://127.0.0.1:2375?a=b', /tcp:\/\/host:port/],
    ['tcp://user:secret@127.0.0.1:2375', /"tcp:\/\/…@127.0.0.1:2375"/],
  ])('refuses %j', (text, message) => {
    expect(() => parseEngineAddress(text, false)).toThrow(message)
  })

  it('is shown as it was given', () => {
    for (const text of ['unix:///run/docker.sock', 'tcp://[fd00::1]:2376', 'tcp://10.0.0.1:2375']) {
      expect(addressText(parseEngineAddress(text, false))).toBe(text)
    }
  })
})
