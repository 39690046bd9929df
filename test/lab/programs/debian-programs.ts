import path from 'node:path'
import { programs, type UnpackedPrograms } from './unpacked-programs.ts'

/** An etcd server and its client. */
export interface EtcdPrograms {
  etcd: string
  etcdctl: string
}

/** etcd 3.4.23 of Debian 12. */
export async function etcd34(): Promise<EtcdPrograms> {
  return etcdOf(await programs('bookworm', ['etcd-server', 'etcd-client']))
}

/** etcd 3.5.16 of Debian 13; it runs on Debian 12 as it is. */
export async function etcd35(): Promise<EtcdPrograms> {
  return etcdOf(await programs('trixie', ['etcd-server', 'etcd-client']))
}

/** Consul 1.8.7 of Debian 11: the last Debian release that has it. It runs on Debian 12 as it is. */
export async function consul18(): Promise<string> {
  return (await programs('bullseye', ['consul'])).path('consul')
}

/** A static busybox: all that a test image needs. */
export async function busybox(): Promise<string> {
  return (await programs('bookworm', ['busybox-static'])).path('busybox')
}

/** Docker Compose 2.26 of Debian 13, one program that needs no `docker`: it asks the engine that `DOCKER_HOST` names. */
export async function dockerCompose(): Promise<string> {
  const { root } = await programs('trixie', ['docker-compose'])
  return path.join(root, 'usr/libexec/docker/cli-plugins/docker-compose')
}

function etcdOf(found: UnpackedPrograms): EtcdPrograms {
  return { etcd: found.path('etcd'), etcdctl: found.path('etcdctl') }
}
