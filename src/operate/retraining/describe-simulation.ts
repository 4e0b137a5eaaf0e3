import { metrics } from '../../stats/metrics/metrics.ts'
import { listWords, metricName, metricWords, plural } from '../monitoring/words.ts'
import type { PolicyReport, Simulation } from './simulation.ts'

/**
 * Which policy did best, in plain words, and whether the others may be as good.
 * @example describeSimulation(…) // 'Of 3 policies for late_flight, on-drift had the best AUC: .742 (.731 to .753) on 12,311 outcomes, for 3 trainings and 2 alerts. The intervals of never and weekly reach into its own.'
 */
export function describeSimulation({ model, policies }: Pick<Simulation, 'model' | 'policies'>): string {
  const best = bestOf(policies)
  if (best === undefined) return `No outcome has come by which a policy for ${model} could be judged.`
  const others = policies.filter((one) => one !== best && one.overall.value !== null)
  const metric = metricName(best.metric)
  const figures = `${scoreWords(best)} on ${plural(best.overall.labelled, 'outcome')}, for ${plural(best.runs, 'training')} and ${plural(best.alerts, 'alert')}.`
  if (policies.length === 1) return `${best.policy} for ${model}: ${metric} ${figures}`
  const near = others.filter((one) => reaches(one, best)).map(({ policy }) => policy)
  const compared =
    others.length === 0
      ? 'No other could be judged.'
      : near.length === 0
        ? 'No interval of another reaches into its own.'
        : `The ${near.length === 1 ? 'interval' : 'intervals'} of ${listWords(near)} ${near.length === 1 ? 'reaches' : 'reach'} into its own.`
  return `Of ${policies.length} policies for ${model}, ${best.policy} had the best ${metric}: ${figures} ${compared}`
}

/** Of those that are equally good the first. */
function bestOf(policies: readonly PolicyReport[]): PolicyReport | undefined {
  const known = policies.filter(({ overall }) => overall.value !== null)
  return known.reduce<PolicyReport | undefined>((best, one) => {
    if (best === undefined) return one
    const ahead = one.overall.value! - best.overall.value!
    return (metrics[one.metric].better === 'higher' ? ahead : -ahead) > 0 ? one : best
  }, undefined)
}

function scoreWords({ overall: { value, low, high } }: PolicyReport): string {
  const interval = low === undefined || high === undefined ? '' : ` (${metricWords(low)} to ${metricWords(high)})`
  return `${metricWords(value!)}${interval}`
}

/** Without an interval nothing can be ruled out. */
function reaches({ overall: one }: PolicyReport, { overall: best }: PolicyReport): boolean {
  if (one.low === undefined || one.high === undefined || best.low === undefined || best.high === undefined) return true
  return one.low <= best.high && best.low <= one.high
}
