import { EMPTY, NULL, UNKNOWN_KEY, VALUE } from '../../kernel/status.ts'
import type { MissingStatus } from '../../language/define/decision-definition.ts'
import { inputsMeant } from '../../language/define/decision-reads.ts'
import type { ServedVersion } from './served-version.ts'
import type { Verdict } from './verdict.ts'

/** What a model decides when features that it needs are not there. */
export interface MissingFeatures {
  /** Whether it matters which groups are stale. */
  readonly asksForStale: boolean
  /** Places in the vector of the values that are needed. */
  readonly inputs: readonly number[]
  /**
   * The verdict for the first input that is missing.
   * @param statuses of the vector; without them NaN is null
   * @param stale for each group of the plan 1 where it is older than it promises to be
   */
  find(values: Float64Array, statuses: Uint8Array | undefined, stale: Uint8Array | undefined): Verdict | undefined
}

const codes: Readonly<Record<Exclude<MissingStatus, 'stale'>, number>> = {
  unknown_key: UNKNOWN_KEY,
  empty: EMPTY,
  null: NULL,
}

/** What a model decides when features are missing; undefined when its definition says nothing of it. */
export function createMissingFeatures({
  model,
  plan,
}: Pick<ServedVersion, 'model' | 'plan'>): MissingFeatures | undefined {
  const { fallback } = model.serve
  const missing = typeof fallback === 'string' ? undefined : fallback?.missing
  if (missing === undefined) return undefined
  const { decision, when, features } = missing
  const names = plan.inputs.map(({ name }) => name)
  const meant = new Set(features === undefined ? names : features.flatMap((name) => inputsMeant(name, names)))
  const isMissing = new Uint8Array(256)
  for (const status of when) if (status !== 'stale') isMissing[codes[status]] = 1
  const asksForStale = when.includes('stale')
  const verdictOf = (kind: 'missing' | 'stale', name: string): Verdict => ({
    decision,
    decidedBy: `${kind}:${name}`,
    reason: { code: `${kind}_features`, text: `'${name}' is ${kind}.` },
  })
  const watched = plan.inputs.flatMap(({ name, source }, input) =>
    meant.has(name)
      ? [
          {
            ...{ input, group: source.kind === 'feature' ? source.group : -1, missing: verdictOf('missing', name) },
            stale: verdictOf('stale', source.kind === 'feature' ? plan.groups[source.group]!.definition.name : name),
          },
        ]
      : [],
  )
  return {
    asksForStale,
    inputs: watched.map(({ input }) => input),
    find(values, statuses, stale) {
      for (const one of watched) {
        const status = statuses === undefined ? statusOf(values[one.input]!) : statuses[one.input]!
        if (isMissing[status] === 1) return one.missing
        if (asksForStale && one.group !== -1 && stale?.[one.group] === 1) return one.stale
      }
      return undefined
    },
  }
}

function statusOf(value: number): number {
  return Number.isNaN(value) ? NULL : VALUE
}
