import { aborted } from '../concurrency/aborted.ts'
import type { Logger } from 'pino'
import type { LoadedConfig } from '../config/load-config.ts'
import { openPluginServer } from '../docker-plugin/plugin-server.ts'
import { IprouteLinkOps } from '../host-network/iproute/iproute-link-ops.ts'
import { openNeutronApi, type NeutronApi } from '../neutron-api/neutron-api.ts'
import { sweepHalfMade } from '../ownership/sweep.ts'
import { sweepFloatingIps } from '../ownership/sweep-floating-ips.ts'
import { packageVersion } from '../package-version.ts'
import { openBesideDocker } from './beside-docker.ts'
import { listPublished } from '../port-access/list-published.ts'
import type { PortExposure } from '../port-access/port-exposure.ts'
import { PortOutcomes } from '../port-access/port-outcomes.ts'
import { daemonStatus } from './daemon-status.ts'
import { openDrivers, openPortExposure, openRetryLater } from './drivers.ts'
import { type BackendParts, openEmbeddedNeutron } from './embedded-neutron.ts'
import { findLocalEndpoint, type LocalEndpoint } from './local-endpoint.ts'
import { openMetrics } from './metrics.ts'
import { type MetricsServer, serveMetrics } from './metrics-server.ts'
import type { NetworkBackend } from './network-backend.ts'
import type { ConfiguredSharing } from './network-sharing.ts'
import { openLog } from './open-log.ts'
import { cloudWorld, openOpenStackBackend, wantsOpenStack } from './openstack-neutron.ts'
import { operatorRoutes } from './operator-routes.ts'

/**
 * The daemon from start to stop: the composition root. It answers Docker at once, before the store is reached; calls
 * then wait for what they need. Comes back after `signal` aborted and everything is closed; containers keep running.
 *
 * @throws {Error} when it cannot serve at all: the socket or port is taken, or the configuration asks for what is not
 * there.
 */
export async function runDaemon(loaded: LoadedConfig, { signal }: { signal: AbortSignal }): Promise<void> {
  const { config } = loaded
  const log = openLog(config)
  const version = packageVersion()
  tellOf(loaded, log)

  const { backend, endpoint } = await openBackend(loaded, { linkOps: new IprouteLinkOps(), version, log })
  const metrics = openMetrics()
  const { shared, ...besideDocker } = openBesideDocker(config, { backend, metrics, version, log })
  let notReady: string | undefined = 'the host is not registered and its network not taken over yet'
  let calls = 0
  backend.ready.then(
    () => (notReady = undefined),
    (error: unknown) => {
      notReady = error instanceof Error ? error.message : String(error)
      if (!signal.aborted) log.error({ err: error }, 'the host network is not ready')
    },
  )
  const later = openRetryLater(log)
  const exposure = openPortExposure(config, { neutron: backend.neutron, access: backend.access, later, log })
  const portOutcomes = new PortOutcomes(metrics.publishedPorts)
  const publishedPorts = publishedPortsOf(backend)
  const status = {
    ...{ config, version, since: new Date(), backend, endpoint, portOutcomes },
    ...{ calls: () => calls, notReady: () => notReady, sharing: shared },
    askEngine: () => besideDocker.askEngine(),
  }
  const server = openPluginServer({
    ...sharedDrivers(openDrivers(config, { ...backend, later, exposure, portOutcomes }), shared),
    log,
    callTimeout: config.DEFAULT.call_timeout,
    onCall: report => {
      calls += 1
      metrics.call(report)
    },
    operatorRoutes: operatorRoutes({ ...shared, metrics, publishedPorts, status: () => daemonStatus(status) }),
    ...tlsOf(loaded),
  })
  const closing: (() => Promise<void>)[] = [
    () => besideDocker.close(),
    async () => exposure?.close(),
    () => later.close(),
    () => backend.close(),
  ]
  try {
    closing.unshift(() => server.close())
    await server.listen(config.DEFAULT.kuryr_uri)
    const api = await serveNeutron(loaded, backend, log)
    if (api) closing.unshift(() => api.close())
    const served = await serveBoundMetrics(loaded, { text: () => metrics.text(shared.sharing?.status()), log })
    if (served) closing.unshift(() => served.close())
    const place = backend.kind === 'embedded' ? { store: config.store.url, ...endpoint } : {}
    log.info({ version, neutron: backend.kind, ...place }, 'kuryr is up')
    sweepWhenReady(loaded, { backend, exposure, log, signal })
    await aborted(signal)
    log.info('stopping')
  } finally {
    for (const close of closing) await close().catch((error: unknown) => log.error({ err: error }, 'could not close'))
  }
}

/** What is to be said of the configuration. */
function tellOf({ warnings, withoutEffect }: LoadedConfig, log: Logger): void {
  for (const warning of warnings) log.warn(warning)
  if (withoutEffect.length > 0) log.debug({ options: withoutEffect }, 'options without effect here')
}

/** OpenStack's Neutron if the configuration asks for it, else the embedded one. */
async function openBackend(
  loaded: LoadedConfig,
  parts: Pick<BackendParts, 'linkOps' | 'version' | 'log'>,
): Promise<{ backend: NetworkBackend; endpoint: LocalEndpoint }> {
  const world = cloudWorld()
  if (wantsOpenStack(loaded, world.env)) {
    const endpoint = { address: undefined, mtu: 0, problem: undefined }
    return { backend: openOpenStackBackend({ loaded, world, ...parts }), endpoint }
  }
  const endpoint = await findLocalEndpoint(loaded.config, parts.linkOps, parts.log)
  return { backend: openEmbeddedNeutron({ loaded, endpoint, ...parts }), endpoint }
}

/** Docker's calls hear of sharing first, where this host shares. */
function sharedDrivers(drivers: ReturnType<typeof openDrivers>, { sharing }: ConfiguredSharing): typeof drivers {
  if (!sharing) return drivers
  return {
    networkDriver: sharing.networkDriver(drivers.networkDriver),
    ipamDriver: sharing.ipamDriver(drivers.ipamDriver),
  }
}

async function serveNeutron(
  { config }: LoadedConfig,
  { kind, neutron }: NetworkBackend,
  log: Logger,
): Promise<NeutronApi | undefined> {
  const { bind, token } = config.neutron_service
  // OpenStack serves its own.
  if (bind === undefined || kind === 'openstack') return undefined
  const api = openNeutronApi({
    neutron,
    log: log.child({ part: 'neutron-api' }),
    ...(token !== undefined && { token }),
  })
  await api.listen(bind)
  return api
}

async function serveBoundMetrics(
  { config }: LoadedConfig,
  parts: Parameters<typeof serveMetrics>[1],
): Promise<MetricsServer | undefined> {
  const { metrics_bind } = config.DEFAULT
  return metrics_bind === undefined ? undefined : serveMetrics(metrics_bind, parts)
}

/** Milliseconds in which OpenStack must have answered who asks for the published ports. */
const LIST_TIME = 8000

function publishedPortsOf({ neutron, access }: NetworkBackend): (() => Promise<object[]>) | undefined {
  return access && (() => listPublished({ neutron, access }, { signal: AbortSignal.timeout(LIST_TIME) }))
}

function sweepWhenReady(
  { config }: LoadedConfig,
  {
    backend,
    exposure,
    log,
    signal,
  }: { backend: NetworkBackend; exposure: PortExposure | undefined; log: Logger; signal: AbortSignal },
): void {
  const about = { host: config.DEFAULT.host, now: Date.now(), log }
  backend.ready
    .then(async () => {
      const call = { signal }
      await sweepHalfMade(backend.neutron, about, call)
      await exposure?.sweep(about.now, call)
      const { neutron, access } = backend
      if (access) await sweepFloatingIps({ neutron, access }, about, call)
    })
    .catch((error: unknown) => {
      if (!signal.aborted) log.warn({ err: error }, 'could not look for what was left half-made')
    })
}

function tlsOf({ config }: LoadedConfig): Pick<Parameters<typeof openPluginServer>[0], 'tls'> {
  const { enable_ssl, ssl_cert_file, ssl_key_file, ssl_ca_file } = config.DEFAULT
  if (!enable_ssl || ssl_ca_file === undefined) return {}
  return { tls: { certFile: ssl_cert_file, keyFile: ssl_key_file, caFile: ssl_ca_file } }
}
