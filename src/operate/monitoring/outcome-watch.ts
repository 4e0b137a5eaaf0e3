import type { Task } from '../../language/define/task.ts'
import type { Estimate } from '../../stats/intervals/estimate.ts'
import { wilsonInterval } from '../../stats/intervals/wilson.ts'
import { coverageWording, performanceWording, type VersionName } from './alert-wording.ts'
import type { CohortFigures } from './cohort-metrics.ts'
import type { Finding } from './conditions.ts'
import type { Cohort } from './label-join.ts'
import { measureCohorts } from './measure-cohorts.ts'
import { judgePerformance, MOST_COHORTS, type PerformanceJudgement } from './performance-rule.ts'
import type { WindowVerdict } from './persistence.ts'
import type { MonitoringReference } from './reference.ts'

/** What a cohort says about the predictions, as it is kept and shown. */
export interface OutcomePoint extends CohortFigures {
  readonly predictions: number
  /** Predictions, of those followed, that had their time to get an outcome, and how many got one. */
  readonly due: number
  readonly labelled: number
  /** Predictions whose outcome is known, due or not; estimated where not all are followed. */
  readonly known: number
  readonly mature: boolean
}

/** What one cohort says. */
export type CohortPoint = OutcomePoint & Pick<Cohort, 'version' | 'from' | 'to'>

/**
 * What cohorts say, in their order.
 * @throws TruelineError `measuring_failed`
 */
export async function outcomePoints(task: Task, cohorts: readonly Cohort[]): Promise<CohortPoint[]> {
  const figures = await measureCohorts(task, cohorts)
  return cohorts.map((cohort, place) => pointOf(cohort, figures[place]!))
}

/** What a cohort says, with its figures. */
export function pointOf(cohort: Cohort, figures: CohortFigures): CohortPoint {
  const { predictions, due, labelled, mature, followed, version, from, to } = cohort
  const known = Math.round(cohort.known / followed)
  return { ...figures, predictions, due, labelled, known, mature, version, from, to }
}

/** The smallest fall of the share of predictions that get an outcome that matters. */
const COVERAGE_FALL = 0.1

/** Follows the mature cohorts of the version that serves. */
export class OutcomeWatch {
  readonly #reference: MonitoringReference
  readonly #settings: { readonly minimum: number; readonly drop: number; readonly watchCoverage: boolean }
  #recent: Estimate[] = []
  #judgement: PerformanceJudgement | undefined

  constructor(
    reference: MonitoringReference,
    settings: { readonly minimum: number; readonly drop: number; readonly watchCoverage: boolean },
  ) {
    this.#reference = reference
    this.#settings = settings
  }

  /** The last judgement; undefined before the first mature cohort with enough rows. */
  get judgement(): PerformanceJudgement | undefined {
    return this.#judgement
  }

  /** Takes the next mature cohort, and gives what it means. */
  take(name: VersionName, point: OutcomePoint, from: number, to: number): Finding[] {
    const findings: Finding[] = []
    const { expected } = this.#reference
    if (expected !== undefined && point.metric !== undefined && point.n >= this.#settings.minimum) {
      this.#recent = [...this.#recent, point.metric].slice(-MOST_COHORTS)
      const judgement = judgePerformance(expected, this.#recent, this.#settings.drop)!
      this.#judgement = judgement
      const describe = () => performanceWording(name, judgement, expected, to, point.n)
      findings.push({ kind: 'performance_drop', verdict: judgement.verdict, from, describe })
    }
    const { labelCoverage } = this.#reference
    if (this.#settings.watchCoverage && labelCoverage !== undefined) {
      const coverage = point.labelled / point.due
      const describe = () => coverageWording(name, { coverage, expected: labelCoverage, until: to }, point)
      findings.push({ kind: 'label_coverage', verdict: this.#coverage(point, labelCoverage), from, describe })
    }
    return findings
  }

  #coverage({ due, labelled }: OutcomePoint, expected: number): WindowVerdict {
    if (due < this.#settings.minimum) return 'unknown'
    const { high } = wilsonInterval(labelled, due)!
    return expected - labelled / due >= COVERAGE_FALL && high < expected ? 'bad' : 'good'
  }
}
