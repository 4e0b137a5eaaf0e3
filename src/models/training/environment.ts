import { availableParallelism } from 'node:os'
import process from 'node:process'
import { packageVersion } from '../../core/package-version.ts'
import { functionTableVersion, kernelVersion } from '../../core/versions.ts'
import { zoneTableVersion } from '../../core/zones/zones.ts'

/** What could change a result, recorded with each run. The number of threads is among it only to prove that it does not. */
export function environmentOf(threads: number): Readonly<Record<string, unknown>> {
  return {
    trueline: packageVersion,
    kernel: kernelVersion,
    functions: functionTableVersion,
    zones: zoneTableVersion,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: process.platform,
    architecture: process.arch,
    processors: availableParallelism(),
    threads,
    locale: Intl.DateTimeFormat().resolvedOptions().locale,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}
