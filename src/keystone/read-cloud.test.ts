import { describe, expect, it } from 'vitest'
import { cloudSettings } from './cloud-settings.ts'
import type { CloudWorld } from './clouds-file.ts'
import { readCloud } from './read-cloud.ts'

/** A machine made of files and an environment. */
function machine({
  files = {},
  env = {},
}: {
  files?: Record<string, string>
  env?: Record<string, string>
}): CloudWorld {
  return {
    env,
    workingDirectory: '/run/here',
    homeDirectory: '/root',
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw Object.assign(new Error('absent'), { code: 'ENOENT' })
      return text
    },
  }
}

const CLOUDS = `
clouds:
  lab:
    auth: {auth_url: 'http://keystone:5000', username: kuryr, project_name: service, user_domain_name: Default, project_domain_id: pd}
    region_name: R1
    interface: internal
    cacert: /ca.pem
    verify: false
  other: {auth_type: v3applicationcredential, auth: {auth_url: 'https://k/v3', application_credential_id: a}}
`
const SECURE = `{clouds: {lab: {auth: {password: hunter2}}, other: {auth: {application_credential_secret: s3}}}}`

describe('clouds.yaml and secure.yaml', () => {
  const files = { '/etc/openstack/clouds.yaml': CLOUDS, '/root/.config/openstack/secure.yaml': SECURE }

  it('are merged for the cloud that OS_CLOUD names', () => {
    const cloud = readCloud(cloudSettings(undefined, machine({ files, env: { OS_CLOUD: 'lab' } })))
    expect(cloud).toEqual({
      auth: {
        method: 'password',
        url: 'http://keystone:5000',
        user: { name: 'kuryr', domain: { name: 'Default' } },
        password: 'hunter2',
        scope: { project: { name: 'service', domain: { id: 'pd' } } },
      },
      region: 'R1',
      interface: 'internal',
      neutronUrl: undefined,
      tls: { caFile: '/ca.pem', certFile: undefined, keyFile: undefined, insecure: true },
      deadline: 20_000,
    })
  })

  it('an application credential', () => {
    expect(readCloud(cloudSettings('other', machine({ files }))).auth).toEqual({
      method: 'application_credential',
      url: 'https://k/v3',
      credential: { id: 'a' },
      secret: 's3',
    })
  })

  it('the nearest file counts, or the one that OS_CLIENT_CONFIG_FILE names', () => {
    const near = { ...files, '/run/here/clouds.yaml': CLOUDS.replace('R1', 'near') }
    expect(cloudSettings('lab', machine({ files: near })).region_name).toBe('near')
    const named = { ...near, '/named': CLOUDS.replace('R1', 'named') }
    const env = { OS_CLIENT_CONFIG_FILE: '/named' }
    expect(cloudSettings('lab', machine({ files: named, env })).region_name).toBe('named')
  })

  it('a profile lies under the entry', () => {
    const more = {
      '/etc/openstack/clouds.yaml': 'clouds: {c: {profile: vendor, region_name: mine, auth: {username: u}}}',
      '/etc/openstack/clouds-public.yaml': `public-clouds: {vendor: {region_name: theirs, auth: {auth_url: 'http://v'}}}`,
    }
    expect(cloudSettings('c', machine({ files: more }))).toMatchObject({
      region_name: 'mine',
      auth_url: 'http://v',
      username: 'u',
    })
  })

  it('an unknown cloud is told with what there is, and a broken file without its text', () => {
    expect(() => cloudSettings('none', machine({ files }))).toThrow('/etc/openstack/clouds.yaml has lab, other')
    expect(() => cloudSettings('none', machine({}))).toThrow('no clouds.yaml in /run/here')
    const broken = { '/etc/openstack/clouds.yaml': 'clouds: {lab: {password: "hunter2' }
    const reading = () => cloudSettings('lab', machine({ files: broken }))
    expect(reading).toThrow('/etc/openstack/clouds.yaml: expected YAML')
    expect(reading).not.toThrow('hunter2')
  })
})

describe('the environment', () => {
  it('describes a cloud by itself', () => {
    const env = {
      OS_AUTH_URL: 'http://k/v3',
      OS_USERNAME: 'u',
      OS_PASSWORD: 'p',
      OS_TENANT_NAME: 't',
      OS_REGION_NAME: 'R',
      OS_CACERT: '/ca',
      OS_KURYR_URI: 'unix:///x',
      OS_STORE__URL: 'sqlite:///x',
    }
    const settings = cloudSettings(undefined, machine({ env }))
    expect(settings).toEqual({
      auth_url: 'http://k/v3',
      username: 'u',
      password: 'p',
      project_name: 't',
      region_name: 'R',
      cafile: '/ca',
    })
    expect(readCloud(settings).auth).toMatchObject({ method: 'password', user: { domain: { id: 'default' } } })
  })
})

describe('settings', () => {
  it.each([
    [{}, 'auth_url is missing: set it in [neutron] of kuryr.conf, in clouds.yaml or as OS_AUTH_URL'],
    [{ auth_url: 'http://k' }, 'username is missing'],
    [{ auth_url: 'http://k', username: 'u' }, 'password is missing'],
    [{ auth_url: 'ftp://k' }, 'auth_url: expected http://… or https://…'],
    [{ auth_type: 'v3oidcpassword', auth_url: 'http://k' }, 'auth_type: expected password, v3password,'],
    [{ auth_type: 'none' }, "endpoint: expected Neutron's address"],
    [{ auth_type: 'none', endpoint: 'http://n', interface: 'x' }, 'endpoint_type: expected public, internal or admin'],
    [{ auth_type: 'none', endpoint: 'http://n', timeout: '-1' }, 'timeout: expected seconds'],
    [{ auth_type: 'token', auth_url: 'http://k' }, 'token is missing'],
    [{ auth_type: 'v3applicationcredential', auth_url: 'http://k' }, 'application_credential_secret is missing'],
  ])('%j: %s', (settings, message) => expect(() => readCloud(settings)).toThrow(message))

  it('a password in a URL is neither taken nor shown', () => {
    const reading = () => readCloud({ auth_url: 'http://u:hunter2@k', username: 'u', password: 'p' })
    expect(reading).toThrow('without user and password')
    expect(reading).not.toThrow('hunter2')
  })

  it('without Keystone', () => {
    const cloud = readCloud({ auth_type: 'none', endpoint: 'http://n:9696', timeout: '5' })
    expect(cloud).toMatchObject({ auth: { method: 'none' }, neutronUrl: 'http://n:9696', deadline: 5000 })
  })
})
