import { programSearch, programs } from './unpacked-programs.ts'

/** The engines that a lab can run: Debian 12's, Debian 13's, and the newest that Debian has (28.5.2 in November 2026). */
export type DockerVersion = '20.10' | '26' | 'newest'

/** All of them, the oldest first. */
export const dockerVersions: readonly DockerVersion[] = ['20.10', '26', 'newest']

/** The Docker engine and its command line. */
export interface DockerPrograms {
  dockerd: string
  docker: string
  /** For dockerd's process: it finds its containerd, runc and docker-init there. */
  environment: Record<string, string>
  /** Whether dockerd has `--cluster-store`, which Docker 23 removed. */
  hasClusterStore: boolean
}

/** The programs of that engine, unpacked beside the system at their first use. */
export function dockerPrograms(version: DockerVersion): Promise<DockerPrograms> {
  switch (version) {
    case '20.10':
      return docker20()
    case '26':
      return newerDocker('trixie', 'tini')
    case 'newest':
      return newerDocker('sid', 'tini-static')
  }
}

/** Docker 20.10.24 of Debian 12: the last with `--cluster-store`. */
export async function docker20(): Promise<DockerPrograms> {
  const packages = ['docker.io', 'containerd', 'runc', 'tini', 'libdevmapper1.02.1', 'libseccomp2']
  const found = await programs('bookworm', packages)
  const environment = await programSearch([found])
  return { dockerd: found.path('dockerd'), docker: found.path('docker'), environment, hasClusterStore: true }
}

/**
 * The Docker of a newer Debian on Debian 12. Its dockerd, containerd, shim and docker are content with glibc 2.34 (Debian 12
 * has 2.36); only its runc wants 2.38, so that is Debian 12's 1.1.5, which all of them drive. docker-init is a link to the
 * static tini, whose package has another name in each release.
 * @throws Error if a later release wants a newer C library than this system has.
 */
async function newerDocker(suite: string, tini: string): Promise<DockerPrograms> {
  const engine = await programs(suite, ['docker.io', 'containerd', 'docker-cli', tini])
  const runtime = await programs('bookworm', ['runc', 'libseccomp2'])
  await engine.expectRunnable('dockerd', 'containerd', 'containerd-shim-runc-v2', 'docker')
  const environment = await programSearch([engine, runtime])
  return { dockerd: engine.path('dockerd'), docker: engine.path('docker'), environment, hasClusterStore: false }
}
