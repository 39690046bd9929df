import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { effectiveValues, effectiveValuesAsIni } from './effective-values.ts'
import type { ConfigFlags } from './flags.ts'
import type { LoadedConfig } from './load-config.ts'
import { loadConfig } from './load-config.ts'
import { allOptions } from './option-table.ts'
import { machineWith } from './testing/machine.ts'

function load(file: string, env: Record<string, string> = {}, flags: ConfigFlags = {}): LoadedConfig {
  return loadConfig({ configFile: ['k.conf'], ...flags }, machineWith({ files: { 'k.conf': file }, env }))
}

function errorOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('expected a ConfigError, and nothing was thrown')
}

describe('sources', () => {
  test('no file, no environment, no flag gives the defaults', () => {
    const { config, origins, warnings, files } = loadConfig({}, machineWith({}))
    expect(config.DEFAULT).toMatchObject({
      kuryr_uri: 'unix:///run/docker/plugins/kuryr.sock',
      capability_scope: 'local',
      host: 'node1',
      state_path: '/var/lib/kuryr',
      call_timeout: 60,
      enable_ssl: false,
      subnetpool_name_prefix: 'kuryrPool',
      default_port_driver: 'veth',
    })
    expect(config.neutron).toMatchObject({ enable_dhcp: true, default_subnetpool_v4: 'kuryr', vif_plugging_timeout: 0 })
    expect(config.binding).toMatchObject({ veth_dst_prefix: 'eth', default_driver: 'veth', enabled_drivers: ['veth'] })
    expect(config.store).toMatchObject({ url: 'sqlite:///var/lib/kuryr/neutron.db', prefix: '/kuryr' })
    expect(config.embedded).toEqual({ vni_range: { min: 65536, max: 1048575 }, base_mac: 'fa:16:3e:00:00:00' })
    expect(config.fabric).toEqual({ local_ip: undefined, mtu: 0, vxlan_port: 4789 })
    expect(config.neutron_service).toEqual({ bind: '127.0.0.1:9696', token: undefined })
    expect(origins.store.url).toEqual({ kind: 'default' })
    expect([warnings, files]).toEqual([[], []])
  })

  test('flags win over the environment, that over upstream’s variables, these over the file', () => {
    const file = '[DEFAULT]\nhost = file\nkuryr_uri = unix:///file\ncapability_scope = local\nstate_path = /file'
    const env = { OS_DEFAULT__HOST: 'env', OS_DEFAULT__KURYR_URI: 'unix:///env', OS_KURYR_URI: 'unix:///upstream' }
    const { config, origins } = load(file, { ...env, CAPABILITY_SCOPE: '' }, { set: ['DEFAULT.host=flag'] })
    expect(config.DEFAULT).toMatchObject({ host: 'flag', kuryr_uri: 'unix:///env', state_path: '/file' })
    expect(origins.DEFAULT).toMatchObject({
      host: { kind: 'flag', flag: '--set DEFAULT.host' },
      kuryr_uri: { kind: 'environment', variable: 'OS_DEFAULT__KURYR_URI' },
      state_path: { kind: 'file', path: 'k.conf', line: 5 },
      capability_scope: { kind: 'file', path: 'k.conf', line: 4 },
    })
    expect(load(file, { OS_KURYR_URI: 'unix:///upstream' }).config.DEFAULT.kuryr_uri).toBe('unix:///upstream')
  })

  test('of the usual files the first that is there is read, and no other', () => {
    const files = { '/etc/kuryr.conf': '[bad', '/etc/kuryr/kuryr.conf': '[DEFAULT]\nhost = etc' }
    expect(loadConfig({}, machineWith({ files })).config.DEFAULT.host).toBe('etc')
    const mine = { ...files, '/home/me/.kuryr/kuryr.conf': '[DEFAULT]\nhost = mine' }
    expect(loadConfig({}, machineWith({ files: mine, env: { HOME: '/home/me' } })).files).toEqual([
      '/home/me/.kuryr/kuryr.conf',
    ])
  })

  test('a later file wins over an earlier one, a directory over all files, in the order of its names', () => {
    const files = {
      a: '[DEFAULT]\nhost = a\nstate_path = /a\n[store]\nprefix = /a',
      b: '[DEFAULT]\nhost = b\nstate_path = /b',
      '/d/20.conf': '[DEFAULT]\nhost = d20',
      '/d/10.conf': '[DEFAULT]\nhost = d10',
      '/d/readme': 'not read',
    }
    const loaded = loadConfig({ configFile: ['a', 'b'], configDir: ['/d'] }, machineWith({ files }))
    expect(loaded.config.DEFAULT).toMatchObject({ host: 'd20', state_path: '/b' })
    expect(loaded.config.store.prefix).toBe('/a')
    expect(loaded.files).toEqual(['a', 'b', '/d/10.conf', '/d/20.conf'])
  })

  test('upstream’s names, module paths and old names are understood', () => {
    const { config, warnings, withoutEffect } = load(
      '[DEFAULT]\nlog-file = /l\n[binding]\ndriver = kuryr.lib.binding.drivers.ipvlan\n[neutron]\nendpoint_type=admin',
    )
    expect(config.DEFAULT.log_file).toBe('/l')
    expect(config.binding.default_driver).toBe('ipvlan')
    expect(warnings).toEqual(['k.conf:4: driver is now called default_driver'])
    expect(withoutEffect).toEqual([])
  })

  test('log-in options may stand in the section that auth_section names', () => {
    const { config } = load('[neutron]\nauth_section = keystone\n[keystone]\npassword = x\nuser-name = u')
    expect(config.neutron).toMatchObject({ password: 'x', username: 'u' })
    expect(errorOf(() => load('[neutron]\nauth_section = k\n[k]\npasword = x'))).toBe(
      'k.conf:4: unknown option pasword in [k]: did you mean password?',
    )
  })
})

describe('references', () => {
  test('to options of the section, of [DEFAULT] and of another section are filled in, chains and defaults too', () => {
    const { config } = load(
      '[DEFAULT]\nstate_path = /s/$host\nhost = h1\n[store]\nprefix = /p\nca_file = ${state_path}$prefix/${fabric.vxlan_port}.pem',
    )
    expect(config.store.ca_file).toBe('/s/h1/p/4789.pem')
    expect(config.store.url).toBe('sqlite:///s/h1/neutron.db')
  })

  test('a doubled dollar sign and one before no name stand for themselves', () => {
    expect(load('[store]\nusername = u\npassword = a$$host\\$host$1$').config.store.password).toBe('a$host$host$1$')
  })

  test.each([
    ['[DEFAULT]\nhost = $hots', 'k.conf:2: [DEFAULT] host: $hots names no option: write $$ for a dollar sign itself'],
    ['[DEFAULT]\nhost = $host', 'k.conf:2: [DEFAULT] host: its value refers back to itself'],
    [
      '[neutron]\npassword = pa$s3cret',
      'k.conf:2: [neutron] password: a "$" in it is followed by the name of no option: write $$ for a dollar sign itself',
    ],
    [
      '[neutron]\npassword = p\nusername = $password',
      'k.conf:3: [neutron] username: $password is a secret, which may only be used in another secret',
    ],
  ])('%j is refused', (file, message) => {
    expect(errorOf(() => load(file))).toBe(message)
  })
})

describe('errors', () => {
  test.each([
    [
      '[DEFAULT]\n\ncapabilty_scope = local',
      'k.conf:3: unknown option capabilty_scope in [DEFAULT]: did you mean capability_scope?',
    ],
    ['[DEFAULT]\nurl = x', 'k.conf:2: unknown option url in [DEFAULT]: it belongs to [store]'],
    ['[DEFAULT]\nxyzzyplugh = x', 'k.conf:2: unknown option xyzzyplugh in [DEFAULT]'],
    ['[stroe]\nurl = x', 'k.conf:1: unknown section [stroe]: did you mean [store]?'],
    ['[default]', 'k.conf:1: unknown section [default]: did you mean [DEFAULT]?'],
    [
      '[DEFAULT]\ncapability_scope = globl',
      'k.conf:2: [DEFAULT] capability_scope: expected local or global, got "globl"',
    ],
    [
      '[store]\nurl = etcd://root:pass/w@rd@h1:2379',
      'k.conf:2: [store] url: expected sqlite:///path/of.db, etcd://host:2379,host:2379, consul://host:8500 or zk://host:2181, got "etcd://***@h1:2379"',
    ],
    [
      '[fabric]\nlocal_ip = 10.0.0.256',
      'k.conf:2: [fabric] local_ip: expected an IPv4 or IPv6 address, got "10.0.0.256"',
    ],
    [
      '[fabric]\nvxlan_port = 65536',
      'k.conf:2: [fabric] vxlan_port: expected a whole number from 1 to 65535, got "65536"',
    ],
    ['[fabric]\nmtu = 500', 'k.conf:2: [fabric] mtu: expected 0, or a whole number from 1280 to 65535, got "500"'],
    [
      '[embedded]\nvni_range = 9:1',
      'k.conf:2: [embedded] vni_range: expected min:max, both from 1 to 16777215, got "9:1"',
    ],
    [
      '[embedded]\nbase_mac = 01:00:5e:00:00:00',
      'k.conf:2: [embedded] base_mac: expected a unicast MAC address such as fa:16:3e:00:00:00, got "01:00:5e:00:00:00"',
    ],
    [
      '[store]\nurl = etcd://h1:2379,h2',
      'k.conf:2: [store] url: expected sqlite:///path/of.db, etcd://host:2379,host:2379, consul://host:8500 or zk://host:2181, got "etcd://h1:2379,h2"',
    ],
    [
      '[DEFAULT]\nenable_ssl = maybe',
      'k.conf:2: [DEFAULT] enable_ssl: expected true or false (also yes/no, on/off, 1/0), got "maybe"',
    ],
    [
      '[store]\nurl = consul://h1:8500/a b',
      'k.conf:2: [store] url: expected sqlite:///path/of.db, etcd://host:2379,host:2379, consul://host:8500 or zk://host:2181, got "consul://h1:8500/a b"',
    ],
    [
      '[store]\nurl = consul://h1:8500\nusername = u\npassword = p',
      'k.conf:3: [store] username: Consul knows no users: set token',
    ],
    [
      '[store]\nurl = zk://h1:2181\ntoken = t',
      'k.conf:3: [store] token: only Consul takes one: set username and password',
    ],
    ['[store]\ncert_file = /c', 'k.conf:2: [store] cert_file is set and key_file is not: set both'],
    [
      '[DEFAULT]\nkuryr_uri = https://127.0.0.1:1',
      'k.conf:2: [DEFAULT] kuryr_uri: https://127.0.0.1:1 asks for TLS: set enable_ssl = true as well',
    ],
    [
      '[neutron_service]\nbind = 0.0.0.0:9696',
      'k.conf:2: [neutron_service] bind: 0.0.0.0:9696 can be reached from other machines: set token, or bind to 127.0.0.1',
    ],
  ])('%j says what is wrong and where', (file, message) => {
    expect(errorOf(() => load(file))).toBe(message)
  })

  test('a plugin that other machines reach needs TLS and client certificates', () => {
    const open = '[DEFAULT]\nkuryr_uri = http://10.8.65.80:23750\n'
    expect(errorOf(() => load(open))).toContain('can be reached from other machines')
    expect(errorOf(() => load(`${open}enable_ssl = yes`))).toBe(
      'k.conf:3: [DEFAULT] enable_ssl: set ssl_ca_file too, the authorities of the clients that may call the plugin',
    )
    expect(load(`${open}enable_ssl = yes\nssl_ca_file = /ca.pem`).config.DEFAULT.enable_ssl).toBe(true)
  })

  test('all of them are told at once, those of flags and the environment too', () => {
    const env = { OS_FABRIC__MTU: 'big' }
    const message = errorOf(() =>
      load('[DEFAULT]\nhots = x\n[fabric]\nvxlan_port = 0', env, { set: ['stoer.url=x', 'y'] }),
    )
    expect(message.split('\n')).toEqual([
      'k.conf:2: unknown option hots in [DEFAULT]: did you mean host?',
      '--set stoer.url: unknown section [stoer]: did you mean store.url?',
      '--set: expected section.option=value, got no "=" or no name before it',
      'environment variable OS_FABRIC__MTU: [fabric] mtu: expected 0, or a whole number from 1280 to 65535, got "big"',
      'k.conf:4: [fabric] vxlan_port: expected a whole number from 1 to 65535, got "0"',
    ])
  })

  test('a file that is asked for and is not there is one', () => {
    expect(errorOf(() => loadConfig({ configFile: ['/no'] }, machineWith({})))).toBe(
      '/no: cannot be read: no such file or directory',
    )
  })
})

describe('warnings', () => {
  test.each([
    ['[oslo_messaging]\nx = y', 'k.conf:1: section [oslo_messaging] is for other programs: ignored'],
    ['[DEFAULT]\nhost = a\nhost = b', 'k.conf:3: host of [DEFAULT] again: this one counts, not line 2'],
  ])('%j', (file, warning) => {
    expect(load(file).warnings).toEqual([warning])
  })

  test('an unknown variable of the environment is one', () => {
    expect(load('', { OS_STORE__ULR: 'x', OS_AUTH_URL: 'y', OS_NOVA__X: 'z' }).warnings).toEqual([
      'environment variable OS_STORE__ULR: names no option of [store]: ignored: did you mean OS_STORE__URL?',
    ])
  })

  test('global scope over a store of one host is one', () => {
    expect(load('[DEFAULT]\ncapability_scope = global').warnings).toHaveLength(1)
    expect(load('[DEFAULT]\ncapability_scope = global\n[store]\nurl = etcd://a:2379,[::1]:2379').warnings).toEqual([])
  })

  test('metrics that other machines can read are one', () => {
    const warningsOf = (bind: string): string[] => load(`[DEFAULT]\nmetrics_bind = ${bind}`).warnings
    expect(warningsOf('0.0.0.0:9697')).toEqual([expect.stringContaining('can be read from other machines')])
    for (const bind of ['127.0.0.1:9697', '[::1]:9697', 'localhost:9697']) expect(warningsOf(bind)).toEqual([])
  })
})

describe('any input', () => {
  test('gives a configuration or a ConfigError, and a secret is in neither the error nor the values shown', () => {
    const names = allOptions.map(({ section, name }) => ({ section, name }))
    const value = fc.oneof(fc.string(), fc.constantFrom('true', '1', '$host', '${', '/x', '127.0.0.1:1', 'a,b', '$$'))
    const line = fc.oneof(
      fc.tuple(fc.constantFrom(...names), value).map(([{ section, name }, text]) => `[${section}]\n${name} = ${text}`),
      fc.string({ unit: 'binary' }),
    )
    let right = 0
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), lines => {
        const file = [...lines, '', '[neutron]', 'password = hunter2xyz$', 'token = hunter2xyz$host'].join('\n')
        try {
          const rows = effectiveValues(load(file), 'all')
          right++
          expect(JSON.stringify(rows)).not.toContain('hunter2xyz')
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError)
          expect(String(error)).not.toContain('hunter2xyz')
        }
      }),
      { numRuns: 500 },
    )
    expect(right).toBeGreaterThan(20)
  }, 60_000)

  test('shown as INI gives the same configuration again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.nat(65_534), fc.boolean(), (text, port, debug) => {
        const set = [`DEFAULT.subnetpool_name_prefix=${text.replaceAll('$', '$$$$')}`, `fabric.vxlan_port=${port + 1}`]
        const loaded = loadConfig({ set, debug }, machineWith({}))
        const again = load(effectiveValuesAsIni(effectiveValues(loaded, 'all')))
        expect(again.config).toEqual(loaded.config)
      }),
    )
  }, 60_000)
})
