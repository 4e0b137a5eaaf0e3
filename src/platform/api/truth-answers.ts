import type { PredictionOverrideAnswer } from './decision-answers.ts'
import type { ExplanationAnswer } from './explanation-answers.ts'
import type { FeatureReading } from './feature-answers.ts'
import type { ReasonAnswer } from './prediction-answers.ts'

/** What audits found about a feature of a model. */
export interface FeatureParity {
  readonly feature: string
  /** Values that were recomputed, and how many of them came out differently. */
  readonly checked: number
  readonly mismatches: number
  /** How many of those that were looked into have which cause. */
  readonly causes: Readonly<Record<string, number>>
}

/** What an audit found. */
export interface AuditAnswer {
  readonly checked: number
  readonly mismatches: number
  /** Answered and not in the log: it was not logged, or is kept no more. */
  readonly unverifiable: number
  /** Why: the disk was too slow, or full; it was older than it is kept, or the files took too much. */
  readonly because: { readonly not_logged: number; readonly removed: number }
  /** Predictions of which a value was not compared, because it, or what it is made from, is masked. */
  readonly masked: number
  /** Answered and not of the sample that is logged, which is no loss. */
  readonly unsampled: number
  /** In the log and not looked at, by mode: what came by the inference protocol was given its vector, and load tests ask again and again. */
  readonly left_out: { readonly infer: number; readonly loadtest: number }
  readonly seconds: number
  readonly features: readonly FeatureParity[]
  readonly examples: readonly {
    readonly prediction: string
    readonly feature: string
    readonly served: number | null
    readonly replayed: number | null
    readonly statuses: readonly [served: FeatureReading['status'], replayed: FeatureReading['status']]
    /** late, version, ttl, code or corruption; unknown where it was not looked for. */
    readonly cause: string
  }[]
}

/** A prediction back to its sources. */
export interface TraceAnswer {
  readonly prediction: {
    readonly id: string
    readonly model: string
    readonly version: number
    readonly digest: string
    readonly t: number
    readonly servedAt: number
    readonly mode: string
    readonly row: Readonly<Record<string, unknown>>
    /** Columns of the row that are times, in microseconds there. */
    readonly times: readonly string[]
    readonly score: number
    /** Of a model of several classes: the likeliest one, and the probability of each by its name. */
    readonly class?: string
    readonly probabilities?: Readonly<Record<string, number>>
    /** The score of its vector before calibration, where its version has one. */
    readonly raw?: number
    readonly decision?: string
    /** What decided in the place of the score. */
    readonly decidedBy?: string
  }
  /** What each input moved its score by. */
  readonly explanation: ExplanationAnswer
  /** Of an adverse decision by the score: the inputs that led to it, most first. */
  readonly adverse?: readonly ReasonAnswer[]
  /** What people decided in its place after the fact, oldest first. */
  readonly overrides?: readonly PredictionOverrideAnswer[]
  readonly run?: {
    readonly id: string
    /** What its version learnt from; of an imported one what it was judged on. */
    readonly dataset: string
    /** Who had it trained, or imported it. */
    readonly author: string
    /** Of a version that was trained elsewhere: what it learnt from is not known. */
    readonly imported?: {
      /** Its file: where it was logged, what it was called, or its digest. */
      readonly from: string
      /** Of a version that was logged: by whom, and in which run. */
      readonly logged?: { readonly by: string; readonly run?: string }
    }
  }
  readonly features: readonly (FeatureReading & {
    readonly logic: string
    readonly digest?: string
    /** Events that made the value: how many, and the newest ones. */
    readonly events?: {
      readonly total: number
      readonly newest: readonly {
        readonly offset: number
        readonly id: string
        readonly revision: number
        readonly eventTime: number
      }[]
    }
  })[]
  readonly cut: readonly {
    readonly group: string
    readonly generation: number
    readonly partition: number
    readonly offset: number
  }[]
}

interface ScoredAnswer {
  readonly score: number
  /** Of a model of several classes: the likeliest one, and the probability of each by its name. */
  readonly class?: string
  readonly probabilities?: Readonly<Record<string, number>>
  readonly decision?: string
  /** What decided in the place of the score. */
  readonly decidedBy?: string
}

/** A prediction made again from the log and the registry. */
export interface ReplayAnswer {
  readonly id: string
  readonly same: boolean
  /** Features that could not be made again, because what they are made from is masked. */
  readonly unverifiable?: { readonly reason: 'masked'; readonly features: readonly string[] }
  readonly served: ScoredAnswer
  /** Absent where a value of the vector is neither in the log nor can be made again. */
  readonly replayed?: ScoredAnswer
  readonly differences: readonly {
    readonly feature: string
    readonly served: Omit<FeatureReading, 'name'>
    readonly replayed: Omit<FeatureReading, 'name'>
  }[]
}
