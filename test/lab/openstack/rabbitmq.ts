import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { withProgress } from '../processes/progress.ts'
import { provideDebianPackages } from './openstack-packages.ts'
import { addressOf, listens, type ServicePlace, startService } from './service-place.ts'

const port = 5672

/**
 * Starts a RabbitMQ in the place, with a name server of its own, and returns the `transport_url` that OpenStack's
 * services take. It needs a place with a network namespace of its own: its ports are the usual ones. It ends with the lab.
 */
export async function startRabbitMq(place: ServicePlace): Promise<string> {
  await provideDebianPackages(['rabbitmq-server'])
  const directory = path.join(place.directory, 'rabbitmq')
  for (const part of ['home', 'mnesia', 'log']) await mkdir(path.join(directory, part), { recursive: true })
  const cookie = path.join(directory, 'home', '.erlang.cookie')
  await writeFile(cookie, 'kuryr')
  await chmod(cookie, 0o400)
  const configuration = path.join(directory, 'rabbit.conf')
  await writeFile(configuration, configurationText(addressOf(place)))
  await writeFile(path.join(directory, 'plugins'), '[].\n')
  const own = { ...place, environment: { ...place.environment, ...environmentOf(directory, configuration) } }
  await startService(own, 'epmd', ['epmd', '-address', '127.0.0.1'])
  const server = await startService(own, 'rabbitmq', ['/usr/lib/rabbitmq/bin/rabbitmq-server'])
  await withProgress('starting RabbitMQ', () => server.ready(90_000, () => listens(place, port)))
  return `rabbit://guest:guest@${addressOf(place)}:${port}/`
}

function configurationText(address: string): string {
  return `listeners.tcp.1 = ${address}:${port}
loopback_users = none
log.console = true
log.console.level = warning
disk_free_limit.absolute = 50MB
`
}

function environmentOf(directory: string, configuration: string): Record<string, string> {
  return {
    HOME: path.join(directory, 'home'),
    RABBITMQ_BASE: directory,
    RABBITMQ_MNESIA_BASE: path.join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: path.join(directory, 'log'),
    RABBITMQ_CONFIG_FILE: configuration,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_ENABLED_PLUGINS_FILE: path.join(directory, 'plugins'),
    RABBITMQ_PLUGINS_EXPAND_DIR: path.join(directory, 'expanded'),
    RABBITMQ_PID_FILE: path.join(directory, 'pid'),
    RABBITMQ_NODENAME: 'kuryr@localhost',
    RABBITMQ_LOGS: '-',
    ERL_EPMD_ADDRESS: '127.0.0.1',
    // Idle schedulers must not spin: the machine has other work.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none',
  }
}
