import { TruelineError } from '../../core/errors.ts'
import type { Steps } from '../../core/slices.ts'
import { FollowedPredictions, type SeenPredictions } from './followed-predictions.ts'
import { createHeldOutcomes, type HashedKey } from './held-outcomes.ts'
import type { HeldPredictions } from './held-predictions.ts'

/** A prediction that waits for its outcome. Times are microseconds. */
export interface PredictionToJoin {
  readonly predictionId: string
  /** Values of the columns that the label is joined on, encoded so that equal keys are equal texts. */
  readonly labelKey: string
  readonly t: number
  readonly score: number
  /** Of a model of several classes one for each, in the order that labels are numbered in; they need not hold. */
  readonly probabilities?: Float64Array | undefined
  readonly version: number
}

/** An event of the label's stream. Times are microseconds. */
export interface Outcome {
  readonly labelKey: string
  readonly eventTime: number
  /** 0 or 1 for a binary task, the value for a regression, the number of a class; NaN is null: the outcome came and has no label. */
  readonly label: number
  /** What the outcome says where it is none of the classes: it counts as none. */
  readonly noClass?: string
  readonly knownAt: number
  /** Orders events of the same time, then `id` does: see docs/semantics.md, "Events and the log". */
  readonly sequence?: number
  readonly id?: string
}

/** How outcomes are joined: a label's definition, with a label of numbers. Durations are microseconds. */
export interface LabelJoinOptions {
  readonly within: number
  readonly grace: number
  readonly absent: 'exclude' | { readonly value: number }
  /** Predictions are judged together by the stretch of this length that their t is in: a day. */
  readonly cohortLength: number
  /** Cohorts from before were judged before a restart. */
  readonly judgedUntil?: number
  /** Scores of a prediction: classes of a model of several, 1 of any other and unless given. */
  readonly outputs?: number
  /** Most predictions or label keys held for one cohort; beyond it a fair share of the keys is followed. */
  readonly mostHeld?: number
}

/** The predictions of one version with t in [from, to), joined with what is known of their outcomes. */
export interface Cohort {
  readonly version: number
  readonly from: number
  readonly to: number
  /** All predictions, also those that are not followed. */
  readonly predictions: number
  /** Share of the label keys that is followed: 1 unless there were too many to hold. */
  readonly followed: number
  /** Predictions, of those that are followed, whose window and grace are over. */
  readonly due: number
  /** How many of these had an outcome. */
  readonly labelled: number
  /** Predictions, of those that are followed, whose outcome is known, due or not. */
  readonly known: number
  /** Scores, as many as a prediction has, and labels of the due predictions that count, in the order of prediction. */
  readonly scores: Float64Array
  readonly labels: Float64Array
  /** All predictions are due: the figures are final. */
  readonly mature: boolean
}

/** An outcome that lies before the time of the only prediction that it could belong to. */
export interface EarlyOutcome {
  readonly code: 'label_before_prediction'
  readonly predictionId: string
  readonly labelKey: string
  readonly t: number
  readonly eventTime: number
  readonly id?: string
}

/**
 * Joins outcomes to predictions while both come, in any order.
 *
 * A look at cohorts takes long and may be left off at each step. It is of what is held at its first step: what comes between its steps counts as
 * what comes after it. There is one look at a time; the next one begins when all steps of the last are done.
 */
export interface LabelJoin {
  predicted(prediction: PredictionToJoin): void
  outcome(outcome: Outcome): void
  /**
   * An outcome was corrected, or deleted: `old` is forgotten as if it had never come. A cohort that was judged stays as
   * it was.
   */
  correct(old: Outcome | undefined, next: Outcome | undefined): void
  /**
   * Cohorts that are mature at `now`, oldest first; when all steps are done they are forgotten, with the outcomes that
   * only they needed. From the first step on what comes for them is late. Where a step throws nothing is forgotten, and
   * they can be taken again.
   */
  takeMature(now: number): Steps<Cohort[]>
  /** Cohorts that are not mature, oldest first, judged by those of their predictions that are due at `now`. */
  immature(now: number): Steps<Cohort[]>
  /** When the next cohort matures; infinity when nothing is held. */
  readonly nextMature: number
  /** Start of the newest cohort that is held and has begun at `now`; negative infinity when there is none. */
  newestBegun(now: number): number
  /** Predictions and outcomes before this time are no longer taken: their cohorts are judged. */
  readonly judgedUntil: number
  /** Predictions, outcomes and corrections of them that came too late to count. */
  readonly late: number
}

interface HeldCohort {
  readonly version: number
  readonly from: number
  total: number
  readonly held: FollowedPredictions
}

/** A cohort as it was when a look began. */
interface SeenCohort {
  readonly version: number
  readonly from: number
  readonly total: number
  readonly seen: SeenPredictions
}

const MOST_HELD = 500_000
/** Scores that are held of one cohort: of a model of many classes fewer predictions are followed. */
const MOST_SCORES = 4_000_000
const SMALLEST_SHARE_BITS = 16
/** Held predictions that are looked through for those no longer followed whenever something comes: in some microseconds. */
const THINNED_AT_ONCE = 64

/**
 * Joins by the rule of docs/semantics.md, "Windows": a prediction's label is its key's first event in [t, t + within),
 * and it counts only when t + within + grace has passed, also when its label is known before: else fast outcomes would
 * be over-represented. The join is made when a cohort is judged, so it does not depend on the order in which things came.
 *
 * Memory holds the cohorts that are not mature, and the outcomes of the same days.
 *
 * @param early is told, when a cohort is judged, of every outcome at most `within` (and a cohort's length) before a
 * prediction of its key that got no label, unless another prediction has it: the clock of its source must be wrong.
 * @throws TruelineError `invalid_parameter` for a cohort length that is not positive
 */
export function createLabelJoin(options: LabelJoinOptions, early: (outcome: EarlyOutcome) => void): LabelJoin {
  const { within, grace, absent, cohortLength, outputs = 1 } = options
  const { mostHeld = Math.min(MOST_HELD, Math.floor(MOST_SCORES / outputs)) } = options
  if (!(cohortLength > 0))
    throw new TruelineError('invalid_parameter', `A cohort of ${cohortLength} microseconds is none.`)
  const cohorts: HeldCohort[] = []
  const outcomes = createHeldOutcomes(cohortLength)
  let judgedUntil = options.judgedUntil ?? Number.NEGATIVE_INFINITY
  let late = 0
  /** Keys are followed whose hash begins with so many zeros. */
  let shareBits = 0
  let isThinning = false
  let isLooking = false
  /** More was held than may be while a look needed it. */
  let isOver = false

  const startOf = (time: number): number => Math.floor(time / cohortLength) * cohortLength
  const maturity = (from: number): number => from + cohortLength + within + grace
  const isFollowed = (hash: number): boolean => Math.clz32(hash) >= shareBits

  const isJudged = ({ eventTime }: Outcome): boolean => startOf(eventTime) < judgedUntil

  function cohortOf(version: number, from: number): HeldCohort {
    const found = cohorts.findLast((cohort) => cohort.from === from && cohort.version === version)
    if (found !== undefined) return found
    const made: HeldCohort = { version, from, total: 0, held: new FollowedPredictions(shareBits, outputs) }
    cohorts.push(made)
    cohorts.sort((a, b) => a.from - b.from || a.version - b.version)
    return made
  }

  /** Does a look at some cohorts: nothing that it needs changes until it is done. */
  function* look(
    chosen: readonly HeldCohort[],
    steps: (cohorts: readonly SeenCohort[]) => Steps<Cohort[]>,
  ): Steps<Cohort[]> {
    isLooking = true
    outcomes.beginLook()
    try {
      return yield* steps(chosen.map(({ version, from, total, held }) => ({ version, from, total, seen: held.seen() })))
    } finally {
      outcomes.endLook()
      isLooking = false
      if (isOver) followFewer()
    }
  }

  function* join(seen: readonly SeenCohort[], now: number, claims: boolean): Steps<Cohort[]> {
    const joined: Cohort[] = []
    for (const cohort of seen) joined.push(yield* joinOne(cohort, now, claims))
    return joined
  }

  /** @param claims whether outcomes are now of the predictions that have them */
  function* joinOne({ version, from, total, seen }: SeenCohort, now: number, claims: boolean): Steps<Cohort> {
    // Shared, so that a thread may measure them without a copy, and another one again where it fails.
    const labels = new Float64Array(new SharedArrayBuffer(seen.length * Float64Array.BYTES_PER_ELEMENT))
    const scores = new Float64Array(new SharedArrayBuffer(seen.length * outputs * Float64Array.BYTES_PER_ELEMENT))
    let judged = 0
    let due = 0
    let labelled = 0
    let known = 0
    yield* seen.each((held, row) => {
      const t = held.t(row)
      const found = outcomes.first(keyOf(held, row), t, t + within)
      if (claims && found !== undefined) found.claimed = true
      const isNull = found !== undefined && Number.isNaN(found.label)
      if (found !== undefined && !isNull) known++
      if (t + within + grace > now) return
      due++
      if (found !== undefined && !isNull) labelled++
      else if (isNull || absent === 'exclude') return
      scores.set(held.scores(row), judged * outputs)
      labels[judged] = found === undefined ? (absent as { value: number }).value : found.label
      judged++
    })
    return {
      ...{ version, from, to: from + cohortLength },
      predictions: total,
      followed: 2 ** -shareBits,
      ...{ due, labelled, known },
      scores: scores.subarray(0, judged * outputs),
      labels: labels.subarray(0, judged),
      mature: maturity(from) <= now,
    }
  }

  /** An outcome that another prediction has is no early one: all labels are claimed before any is reported. */
  function* reportEarly(ready: readonly SeenCohort[]): Steps<void> {
    for (const { seen } of ready)
      yield* seen.each((held, row) => {
        const t = held.t(row)
        if (outcomes.first(keyOf(held, row), t, t + within) === undefined) reportEarlyOf(held, row)
      })
  }

  function reportEarlyOf(held: HeldPredictions, row: number): void {
    const t = held.t(row)
    const of = keyOf(held, row)
    for (const outcome of outcomes.between(of, t - Math.min(within, cohortLength), t)) {
      if (outcome.claimed) continue
      const { eventTime, id } = outcome
      const named = id === '' ? {} : { id }
      early({ code: 'label_before_prediction', predictionId: held.id(row), labelKey: of.key, t, eventTime, ...named })
      outcome.claimed = true
    }
  }

  /**
   * Halves the share of the keys that is followed and forgets the others, the same ones everywhere: at once, though their
   * memory is taken back little by little.
   */
  function followFewer(): void {
    isOver = false
    shareBits++
    outcomes.retain(shareBits)
    for (const { held } of cohorts) held.follow(shareBits)
    isThinning = true
  }

  function limit(held: number): void {
    if (held <= mostHeld || shareBits >= SMALLEST_SHARE_BITS) return
    if (isLooking) isOver = true
    else followFewer()
  }

  function thinSome(): void {
    if (!isThinning || isLooking) return
    const cohort = cohorts.find(({ held }) => held.isThinning)
    if (cohort === undefined) isThinning = false
    else cohort.held.thin(THINNED_AT_ONCE)
  }

  function add({ labelKey, eventTime, label, sequence = 0, id = '' }: Outcome): void {
    thinSome()
    const of = hashed(labelKey)
    if (!isFollowed(of.hash)) return
    limit(outcomes.add(of, { eventTime, label, sequence, id }))
  }

  return {
    get nextMature() {
      return maturity(Math.min(cohorts[0]?.from ?? Number.POSITIVE_INFINITY, Math.max(outcomes.oldest, judgedUntil)))
    },
    newestBegun: (now) => cohorts.findLast(({ from }) => from <= now)?.from ?? Number.NEGATIVE_INFINITY,
    get judgedUntil() {
      return judgedUntil
    },
    get late() {
      return late
    },
    predicted({ predictionId, labelKey, t, score, probabilities, version }) {
      const from = startOf(t)
      if (from < judgedUntil) {
        late++
        return
      }
      const cohort = cohortOf(version, from)
      cohort.total++
      thinSome()
      const hash = hashOf(labelKey)
      if (!isFollowed(hash)) return
      cohort.held.add(labelKey, hash, predictionId, t, score, probabilities)
      limit(cohort.held.length)
    },
    outcome(outcome) {
      if (isJudged(outcome)) late++
      else add(outcome)
    },
    correct(old, next) {
      const given = [old, next].filter((one) => one !== undefined)
      if (given.some(isJudged)) late++
      if (old !== undefined) outcomes.remove(hashed(old.labelKey), { eventTime: old.eventTime, id: old.id ?? '' })
      if (next !== undefined && !isJudged(next)) add(next)
    },
    *takeMature(now) {
      const ready = cohorts.filter((cohort) => maturity(cohort.from) <= now)
      judgedUntil = Math.max(judgedUntil, startOf(now - within - grace - cohortLength) + cohortLength)
      return yield* look(ready, function* (seen) {
        const joined = yield* join(seen, now, true)
        yield* reportEarly(seen)
        cohorts.splice(0, ready.length)
        // One more day: the predictions of the day after may turn out to have had an early outcome in it.
        outcomes.dropBefore(judgedUntil - cohortLength)
        return joined
      })
    },
    immature: (now) => look(cohorts, (seen) => join(seen, now, false)),
  }
}

function keyOf(held: HeldPredictions, row: number): HashedKey {
  return { key: held.key(row), hash: held.hash(row) }
}

function hashed(key: string): HashedKey {
  return { key, hash: hashOf(key) }
}

/** FNV-1a over UTF-16 code units, mixed once more so that its upper bits depend on every character. */
function hashOf(key: string): number {
  let state = 0x811c9dc5
  for (let index = 0; index < key.length; index++) state = Math.imul(state ^ key.charCodeAt(index), 0x01000193)
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  return (state ^ (state >>> 13)) >>> 0
}
