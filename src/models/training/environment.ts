import { readFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import process from 'node:process'
import { packageVersion } from '../../core/package-version.ts'
import { functionTableVersion, kernelVersion } from '../../core/versions.ts'
import { zoneTableVersion } from '../../core/zones/zones.ts'
import { duckdbVersion } from '../../stores/lake/duckdb.ts'
import { codeDigest } from './pipeline/code-digest.ts'

/** What could change a result, recorded with each run. The number of threads is among it only to prove that it does not. */
export function environmentOf(threads: number): Readonly<Record<string, unknown>> {
  return {
    trueline: packageVersion,
    code: codeDigest(),
    kernel: kernelVersion,
    functions: functionTableVersion,
    zones: zoneTableVersion,
    node: process.versions.node,
    v8: process.versions.v8,
    packages: { duckdb: duckdbVersion },
    platform: process.platform,
    architecture: process.arch,
    processors: availableParallelism(),
    processor: processorOf(),
    threads,
    locale: Intl.DateTimeFormat().resolvedOptions().locale,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}

/** What the processor is, and the instructions that it has as far as Linux tells: libraries choose their arithmetic by them. */
function processorOf(): { readonly model: string; readonly features?: readonly string[] } {
  const model = cpus()[0]?.model.trim() ?? ''
  const features = /^(?:flags|Features)\s*: (.*)$/m.exec(cpuinfo())?.[1]
  return features === undefined ? { model } : { model, features: features.trim().split(/\s+/).sort() }
}

function cpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8')
  } catch {
    return ''
  }
}
