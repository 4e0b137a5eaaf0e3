import { TruelineError } from '../../../core/errors.ts'
import { readVersion } from '../../../models/registry/versions.ts'
import type { LoadTest } from '../../../operate/readiness/load-test.ts'
import { listLoadTests } from '../../../operate/readiness/load-test-store.ts'
import type { CapacityAnswer, CapacityQuestion } from '../../api/load-test-answers.ts'
import type { Parts } from '../assemble-platform.ts'
import { versionServing } from '../predicting.ts'

/** Memory beyond what was seen, for what grows with time and not with load. */
const MEMORY_REQUESTED = 1.25
const MEMORY_LIMIT = 2

/**
 * How many replicas a load takes, by the newest load test of a version that says what one sustains.
 * @throws TruelineError `unknown_model`, `unknown_version`, `no_load_evidence`
 */
export async function capacityOf(
  { servings, metadata }: Pick<Parts, 'servings' | 'metadata'>,
  model: string,
  target: number,
  { headroom, spare, version: of }: CapacityQuestion,
): Promise<CapacityAnswer> {
  const { version, digest } =
    of === undefined ? versionServing(servings, model) : await readVersion(metadata, model, of)
  const tests = await listLoadTests(metadata, { model, digest })
  const test = tests.find(({ knee }) => knee.sustained !== undefined)
  if (test === undefined) throw noEvidence(model, version, tests[0])
  return planCapacity(test, target, { headroom, spare })
}

/** @param last load test of the version, where there is one: why it does not count */
export function noEvidence(
  model: string,
  version: number,
  last: Pick<LoadTest, 'number' | 'reasons'> | undefined,
): TruelineError {
  const why = last === undefined ? '' : ` Of the last one, number ${last.number}: ${last.reasons.join(' ')}`
  const message = `No load test of ${model} v${version} found a rate that it sustains.${why}`
  return new TruelineError('no_load_evidence', message, { path: model })
}

/**
 * Replicas for a target, from one load test that sustained a rate.
 * @param target requests a second
 */
export function planCapacity(test: LoadTest, target: number, { headroom, spare }: CapacityQuestion): CapacityAnswer {
  const { model, version, number, at, by, host, program, settings, knee, steps } = test
  const sustained = knee.sustained!
  const { server, client } = steps.find(({ client }) => client.rate === sustained)!
  const needed = (rate: number): number => Math.max(1, Math.ceil(target / (rate * (1 - headroom)))) + spare
  const replicas = needed(sustained)
  const { broken } = knee
  return {
    ...{ model, version, target, headroom, spare, replicas, sustained },
    ...(broken === undefined ? {} : { low: needed(broken), broken }),
    ...(server === undefined
      ? {}
      : {
          cpuPerRequest: server.cpuPerRequest,
          cpuAtHeadroom: cpuAt(steps, sustained * (1 - headroom)),
          resources: resourcesOf(cpuAt(steps, target / (replicas - spare)), server.memory),
        }),
    evidence: { number, at, by, host, program, settings },
    assumes: [
      `Replicas do not take from each other: twice as many answer twice as much.`,
      `Each has a machine like the one measured (${host.cpus} processors, ${host.platform}), and the load client took part of that.`,
      `Requests are like those measured: ${settings.rowsPerRequest} row${settings.rowsPerRequest === 1 ? '' : 's'} each.`,
      ...(spare === 0 ? ['None of them is away, as one is that starts again: --spare 1 has one more for that.'] : []),
      ...(client.p99.high === undefined
        ? [
            `What one sustains is as of ${client.requests} requests alone: a longer load test, of some thousand, is surer.`,
          ]
        : []),
      ...(broken === undefined && replicas - spare > 1
        ? ['No rate was reached at which one replica breaks: fewer may do.']
        : []),
    ],
  }
}

/**
 * Cores that one replica uses at a rate, between those that were measured: part of them is used whatever the rate, so that a
 * request takes more of them where there are few. Below the lowest rate nothing less is known than what that one took.
 */
function cpuAt(steps: LoadTest['steps'], rate: number): number {
  const measured = steps
    .flatMap(({ server, client }) =>
      server === undefined ? [] : [{ rate: client.rate, cpu: (server.cpuPerRequest * client.rate) / 1e6 }],
    )
    .toSorted((a, b) => a.rate - b.rate)
  const above = measured.find((one) => one.rate >= rate) ?? measured.at(-1)!
  const below = measured.findLast((one) => one.rate < above.rate) ?? above
  if (above === below || rate <= below.rate) return below.cpu
  return below.cpu + ((above.cpu - below.cpu) * (rate - below.rate)) / (above.rate - below.rate)
}

function resourcesOf(cores: number, memory: number): NonNullable<CapacityAnswer['resources']> {
  const mebibytes = (factor: number): string => `${Math.ceil((memory * factor * 1e6) / 2 ** 20 / 64) * 64}Mi`
  // Processor time of a second, in thousandths of a core, rounded up to twentieths of one.
  const cpu = `${Math.max(50, Math.ceil(Number((cores * 20).toFixed(6))) * 50)}m`
  return { requests: { cpu, memory: mebibytes(MEMORY_REQUESTED) }, limits: { memory: mebibytes(MEMORY_LIMIT) } }
}
