import { cp, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { LongRunning } from '../processes/long-running.ts'
import { outputOf, runProgram } from '../processes/run-program.ts'
import { provideDebianPackages } from './openstack-packages.ts'
import { preparedOnce } from './prepared-once.ts'
import { type ServicePlace, startService } from './service-place.ts'

/**
 * Starts a MariaDB that listens on a Unix socket alone, with an empty Neutron in its database `neutron`, and returns
 * SQLAlchemy's URL of that. With agents, SQLite answers "database is locked" now and then. It ends with the lab.
 */
export async function startMariaDb(place: ServicePlace): Promise<string> {
  await provideDebianPackages(['mariadb-server-core', 'mariadb-client-core', 'neutron-common'])
  const prepared = await preparedOnce({ name: 'mariadb', debianPackage: 'neutron-common' }, prepare)
  const directory = path.join(place.directory, 'mariadb')
  await mkdir(place.directory, { recursive: true })
  await cp(path.join(prepared, 'data'), directory, { recursive: true })
  return (await run(place, directory)).url
}

async function prepare(directory: string): Promise<void> {
  const data = path.join(directory, 'data')
  await mkdir(data)
  const options = ['--no-defaults', '--user=root', `--datadir=${data}`]
  const account = ['--auth-root-authentication-method=normal', '--skip-test-db']
  await outputOf('mariadb-install-db', [...options, ...account])
  const { process, url } = await run({ directory }, data)
  await outputOf('mariadb', [...client(data), '-e', 'create database neutron'])
  const configuration = path.join(directory, 'neutron.conf')
  await writeFile(configuration, `[DEFAULT]\ncore_plugin = ml2\n[database]\nconnection = ${url}\n`)
  await outputOf('neutron-db-manage', ['--config-file', configuration, 'upgrade', 'head'], { cwd: directory })
  await process.stop(30_000)
}

async function run(place: ServicePlace, data: string): Promise<{ process: LongRunning; url: string }> {
  const socket = path.join(data, 'my.sock')
  const speed = ['--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=64M', '--innodb-log-file-size=16M']
  const process = await startService(place, 'mariadb', [
    'mariadbd',
    ...['--no-defaults', '--user=root', `--datadir=${data}`, `--socket=${socket}`, '--skip-networking'],
    ...[...speed, '--performance-schema=OFF', '--skip-log-bin'],
    ...['--character-set-server=utf8mb3', '--collation-server=utf8mb3_general_ci'],
  ])
  await process.ready(
    30_000,
    async () => (await runProgram('mariadb', [...client(data), '-e', 'select 1'])).exitCode === 0,
  )
  return { process, url: `mysql+pymysql://root@localhost/neutron?unix_socket=${socket}` }
}

function client(data: string): string[] {
  return ['--no-defaults', '-uroot', '-S', path.join(data, 'my.sock')]
}
