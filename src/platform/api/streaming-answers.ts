import type { ScoredAnswer } from './prediction-answers.ts'

/** How the scoring of a model's stream stands. Times and durations are microseconds. */
export interface StreamScoringListing {
  readonly model: string
  /** The stream whose events ask, and that of the answers. */
  readonly stream: string
  readonly output: string
  /** `waiting`: nothing serves, or what serves cannot be asked; `stopped`: the platform is not up. */
  readonly state: 'running' | 'waiting' | 'paused' | 'stopped'
  /** Why it waits or is paused. */
  readonly reason?: string
  /** What serves. */
  readonly version?: number
  /** Offset in the log up to which every event was dealt with. */
  readonly offset?: number
  /** Events that wait, how long the oldest of them has, and how long it may. */
  readonly behind: number
  readonly lag: number
  readonly mostLag: number
  /** Events a second over the last minute, of this process. */
  readonly rate: number
  /** received = scored + rejected + passed; of the rejected, `fallbacks` were answered by the fallback. */
  readonly received: number
  readonly scored: number
  readonly rejected: number
  readonly passed: number
  readonly fallbacks: number
}

/** An answer to an event of a model's stream. Times are microseconds. */
export interface StreamAnswer {
  /** Of the answer in the log. */
  readonly offset: number
  /** Offset of the event that asked, and its id. */
  readonly position: number
  readonly event: string
  readonly asked_at: number
  readonly version: number
  readonly t?: number
  readonly prediction?: string
  readonly score?: number
  /** Of a model of several classes: the likeliest one, and the probability of each by its name. */
  readonly class?: string
  readonly probabilities?: Readonly<Record<string, number>>
  readonly decision?: string
  /** What decided, where it was not the score. */
  readonly decided_by?: string
  /** Why it was decided so, of a model whose decisions are owed reasons. */
  readonly reasons?: NonNullable<ScoredAnswer['reasons']>
  /** Code of the fault of an event that could not be scored. */
  readonly error?: string
}

/** Answers in the order of the log; the next page begins after `next`. */
export interface StreamAnswerPage {
  readonly answers: readonly StreamAnswer[]
  readonly next: number
}
