import { seededRandom } from '../../src/core/random.ts'
import { type Drivers, driversOf } from './drivers.ts'
import { generateCase } from './generate.ts'
import type { LawCase, LawQuery } from './law-case.ts'
import type { Answer } from './oracle.ts'
import { shrink } from './shrink.ts'

/** A law and its test. */
export interface Law {
  /** What the law says, in a line. */
  readonly statement: string
  /** Cases of other laws that one of its own takes as long as; 1 unless given. */
  readonly casesForOne?: number
  /** Tries cases; the same seed tries the same ones. */
  run(options: { readonly cases: number; readonly seed: number }): LawReport | Promise<LawReport>
}

/** What a run of one law found. */
export interface LawReport {
  readonly cases: number
  readonly mismatches: number
  /** Part of the answers compared that are over one row or more. */
  readonly non_empty_share: number
  readonly seed: number
  /** The first case that failed, made small, with the seed that makes it alone: `--law NAME --seed SEED --cases 1`. */
  readonly failure?: { readonly seed: number; readonly difference: string; readonly case: unknown }
}

/** Two vectors that a law says are one. */
export interface Comparison {
  readonly what: string
  readonly query: Pick<LawQuery, 'entity' | 't'>
  readonly expected: readonly Answer[]
  readonly actual: readonly Answer[]
}

/** A law that is checked by comparing vectors, over generated cases. */
export function comparingLaw(
  statement: string,
  check: (lawCase: LawCase, drivers: Drivers) => readonly Comparison[],
): Law {
  const differenceIn = (lawCase: LawCase) => firstDifference(check(lawCase, driversOf(lawCase)))
  return {
    statement,
    run({ cases, seed }) {
      const tally = { compared: 0, nonEmpty: 0, mismatches: 0 }
      let failure: LawReport['failure']
      for (let index = 0; index < cases; index++) {
        const lawCase = generateCase(seededRandom(seed + index))
        const comparisons = check(lawCase, driversOf(lawCase))
        for (const { expected } of comparisons) {
          tally.compared += expected.length
          for (const { status } of expected) if (status === 'value' || status === 'null') tally.nonEmpty += 1
        }
        if (firstDifference(comparisons) === undefined) continue
        tally.mismatches += 1
        if (failure !== undefined) continue
        const small = shrink(lawCase, (smaller) => differenceIn(smaller) !== undefined)
        failure = { seed: seed + index, difference: differenceIn(small) as string, case: small }
      }
      const { compared, nonEmpty, mismatches } = tally
      const share = compared === 0 ? 0 : Math.round((nonEmpty / compared) * 1000) / 1000
      return { cases, mismatches, non_empty_share: share, seed, ...(failure === undefined ? {} : { failure }) }
    },
  }
}

/** Where two vectors differ first, in words; undefined when all are the same. */
export function firstDifference(comparisons: readonly Comparison[]): string | undefined {
  for (const { what, query, expected, actual } of comparisons) {
    const index = expected.findIndex((answer, feature) => !isSame(answer, actual[feature] as Answer))
    if (index !== -1 || expected.length !== actual.length)
      return `${what}: ${query.entity} at ${query.t}, feature ${index}: expected ${show(expected[index])}, got ${show(actual[index])}`
  }
  return undefined
}

/** To the bit: 0 and -0 are two. */
function isSame(left: Answer, right: Answer): boolean {
  return left.status === right.status && Object.is(left.value, right.value)
}

function show(answer: Answer | undefined): string {
  return answer === undefined ? 'nothing' : `${answer.status} ${Object.is(answer.value, -0) ? '-0' : answer.value}`
}
