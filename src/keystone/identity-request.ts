import type { Authentication, Named, Scope, UserName } from './cloud.ts'

/** The body of `POST /v3/auth/tokens` (Identity API v3) for this way to log in. It holds secrets: never log it. */
export function identityRequest(auth: Exclude<Authentication, { method: 'none' }>): object {
  const { method } = auth
  if (method === 'application_credential') {
    const { credential, secret } = auth
    const named = 'id' in credential ? credential : { name: credential.name, user: userOf(credential.user) }
    return { auth: { identity: { methods: [method], application_credential: { ...named, secret } } } }
  }
  if (method === 'token') {
    return { auth: { identity: { methods: [method], token: { id: auth.token } }, ...scopeOf(auth.scope) } }
  }
  const user = userOf(auth.user)
  const methods = auth.passcode === undefined ? [method] : [method, 'totp']
  const totp = auth.passcode !== undefined && { totp: { user: { ...user, passcode: auth.passcode } } }
  const password = { user: { ...user, password: auth.password } }
  return { auth: { identity: { methods, password, ...totp }, ...scopeOf(auth.scope) } }
}

function userOf(user: UserName): { id: string } | { name: string; domain: Named } {
  return 'id' in user ? { id: user.id } : { name: user.name, domain: user.domain }
}

function scopeOf(scope: Scope | undefined): object {
  if (scope === undefined) return {}
  if ('trust' in scope) return { scope: { 'OS-TRUST:trust': { id: scope.trust } } }
  if ('system' in scope) return { scope: { system: { [scope.system]: true } } }
  return { scope }
}
