/** How one OpenStack is reached: where its Keystone is, who we are there, and how its services are spoken to. */
export interface Cloud {
  auth: Authentication
  /** `undefined`: any region. */
  region: string | undefined
  interface: 'public' | 'internal' | 'admin'
  /** Neutron's address, in place of the one in Keystone's catalogue. */
  neutronUrl: string | undefined
  tls: ClientTls
  /** Milliseconds for one request with all its repetitions. */
  deadline: number
}

/** Who we are, in Keystone's v3 terms; `none`: nobody asks (Neutron's `auth_strategy = noauth`). */
export type Authentication =
  | { method: 'none' }
  | { method: 'password'; url: string; user: UserName; password: string; passcode?: string; scope: Scope | undefined }
  | { method: 'token'; url: string; token: string; scope: Scope | undefined }
  | {
      method: 'application_credential'
      url: string
      credential: { id: string } | { name: string; user: UserName }
      secret: string
    }

/** A user: by id, or by name in a domain. */
export type UserName = { id: string } | { name: string; domain: Named }

/** What a token is for. `undefined` where it stands: the user's default project. */
export type Scope =
  | { project: { id: string } | { name: string; domain: Named } }
  | { domain: Named }
  | { trust: string }
  | { system: string }

/** A thing by id or by name. */
export type Named = { id: string } | { name: string }

/** TLS of the client's side; paths of PEM files. */
export interface ClientTls {
  caFile: string | undefined
  certFile: string | undefined
  keyFile: string | undefined
  /** Certificates of servers are not checked. */
  insecure: boolean
}
