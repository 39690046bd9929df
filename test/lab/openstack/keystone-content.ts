/** What Keystone's API answers, as far as it is read here. */
interface Made {
  service?: { id: string }
  project?: { id: string }
  user?: { id: string }
  roles?: { id: string; name: string }[]
}

/**
 * Fills a bootstrapped Keystone, whose `admin` has the password `admin`, by its API: the service `network` with its three
 * interfaces in RegionOne; project `service` with the users `neutron` and `kuryr`, who are admins, and project `plain`
 * with the user `plain`, a member. Each user's password is the user's name; all is in the domain `default`.
 */
export async function fillKeystone(url: string): Promise<void> {
  const token = await adminToken(url)
  const call = async (method: string, path: string, body?: object): Promise<Made> => {
    const headers = { 'content-type': 'application/json', 'x-auth-token': token }
    const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${url}${path}: expected success, got ${response.status} ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Made)
  }
  const service_id = (await call('POST', '/services', { service: { type: 'network', name: 'neutron' } })).service?.id
  for (const kind of ['public', 'internal', 'admin']) {
    const endpoint = { service_id, interface: kind, region_id: 'RegionOne', url: 'http://127.0.0.1:1' }
    await call('POST', '/endpoints', { endpoint })
  }
  const { roles = [] } = await call('GET', '/roles')
  const people = { service: { neutron: 'admin', kuryr: 'admin' }, plain: { plain: 'member' } }
  for (const [projectName, users] of Object.entries(people)) {
    const wanted = { name: projectName, domain_id: 'default' }
    const projectId = (await call('POST', '/projects', { project: wanted })).project?.id ?? ''
    for (const [name, roleName] of Object.entries(users)) {
      const user = { name, password: name, domain_id: 'default', default_project_id: projectId }
      const userId = (await call('POST', '/users', { user })).user?.id ?? ''
      const roleId = roles.find(role => role.name === roleName)?.id ?? ''
      await call('PUT', `/projects/${projectId}/users/${userId}/roles/${roleId}`)
    }
  }
}

async function adminToken(url: string): Promise<string> {
  const domain = { id: 'default' }
  const user = { name: 'admin', password: 'admin', domain }
  const auth = {
    identity: { methods: ['password'], password: { user } },
    scope: { project: { name: 'admin', domain } },
  }
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/auth/tokens`, { method: 'POST', headers, body: JSON.stringify({ auth }) })
  await response.text()
  const token = response.headers.get('x-subject-token')
  if (token === null) throw new Error(`expected a token of ${url} for admin, got status ${response.status}`)
  return token
}
