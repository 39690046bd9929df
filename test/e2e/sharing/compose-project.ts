import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { DockerHost } from '../../lab/hosts/docker-host.ts'
import { imageName } from '../../lab/image.ts'
import { outputOf } from '../../lab/processes/run-program.ts'
import { dockerCompose } from '../../lab/programs/debian-programs.ts'

/** A Compose project of one service, as it lies on every host. */
export interface ComposeProject {
  name: string
  /** The `networks:` of its file; the service is on all of them. */
  networks: Record<string, object>
}

/** Runs Compose with the project on a host, and returns what it said. @throws ProgramFailed if it fails */
export async function compose(host: DockerHost, project: ComposeProject, ...command: string[]): Promise<string> {
  const directory = path.join(host.directory, 'compose', project.name)
  await mkdir(directory, { recursive: true })
  const file = path.join(directory, 'compose.yaml')
  const service = {
    image: imageName,
    command: ['sleep', '100000'],
    stop_signal: 'SIGKILL',
    networks: Object.keys(project.networks),
  }
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ services: { web: service }, networks: project.networks }))
  const words = ['--project-name', project.name, '--file', file, '--progress', 'plain', ...command]
  const environment = { DOCKER_HOST: host.dockerUrl, DOCKER_CONFIG: directory, DOCKER_CONTEXT: '' }
  // What it does it tells on standard error.
  const together = ['-c', 'exec "$@" 2>&1', 'sh', await dockerCompose(), ...words]
  return outputOf('sh', together, { environment, deadline: 60_000 })
}
