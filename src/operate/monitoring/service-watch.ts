import { errorWording, latencyWording, type VersionName } from './alert-wording.ts'
import type { Finding } from './conditions.ts'
import type { ServiceMeter, ServiceObjectives } from './service-meter.ts'

/** p99: one answer in a hundred may be slower. */
const SLOW_ALLOWED = 0.01
/** Of an objective that was not declared. */
const USUAL_AVAILABILITY = 0.99

/** The objectives of a model's definition, with `p99` in microseconds. */
export function objectivesOf(
  slo: { readonly p99?: number; readonly availability?: number } | undefined,
  minimum: number,
): ServiceObjectives {
  return {
    ...(slo?.p99 === undefined ? {} : { latency: slo.p99 }),
    slowAllowed: SLOW_ALLOWED,
    failuresAllowed: 1 - (slo?.availability ?? USUAL_AVAILABILITY),
    minimum,
  }
}

/** What the last hour means for the latency and the availability objective. */
export function serviceFindings(
  name: VersionName,
  meter: ServiceMeter,
  objectives: ServiceObjectives,
  from: number,
): Finding[] {
  const failures = meter.failures()
  const findings: Finding[] = [
    {
      kind: 'error_rate',
      verdict: failures.verdict,
      from,
      describe: () => errorWording(name, failures, objectives.failuresAllowed),
    },
  ]
  const latency = meter.latency()
  if (latency !== undefined && objectives.latency !== undefined) {
    const limit = objectives.latency
    const describe = () => latencyWording(name, latency, limit, objectives.slowAllowed)
    findings.push({ kind: 'latency_slo', verdict: latency.verdict, from, describe })
  }
  return findings
}
