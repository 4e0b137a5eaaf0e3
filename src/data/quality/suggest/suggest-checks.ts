import type { Schema } from '../../../core/data-type.ts'
import type { CheckDefinition } from '../../../language/define/check-definition.ts'
import type { CheckContext, ColumnBatch } from '../check.ts'
import { checkSource } from '../check-source.ts'
import { type ProfiledColumn, profiledColumn } from '../profile/column-profile.ts'
import { type QualityRun, startQuality } from '../quality-run.ts'
import { checkWords } from '../registry.ts'
import { type ProposedCheck, proposeChecks } from './propose-checks.ts'

/** A check that is worth having, or that was proposed and dropped. */
export interface SuggestedCheck extends ProposedCheck {
  readonly words: string
  /** What to write into the project file. */
  readonly source: string
  /** Batches of the holdout that it was judged on, and how many it failed. */
  readonly batches: number
  readonly failures: number
}

export interface Suggestion {
  /** Rows that it was learnt from, and tried on. */
  readonly rows: { readonly learnt: number; readonly tried: number }
  readonly suggested: readonly SuggestedCheck[]
  readonly dropped: readonly SuggestedCheck[]
}

/** Share of batches that fail without anything being wrong, from which on a check is not worth having. */
const MOST_FAILURES = 0.01
/** How many batches the later rows are cut into, and how many rows each has at least. */
const BATCHES = 100
const FEWEST_ROWS = 200

/** The rows to learn from, and later ones to try what was learnt on. */
export interface SuggestionRows {
  learn(): AsyncIterable<ColumnBatch>
  tryOn(): AsyncIterable<ColumnBatch>
}

/**
 * Proposes checks from earlier rows, and keeps those that later ones would not have failed for nothing: fewer than one
 * batch in a hundred.
 */
export async function suggestChecks(
  schema: Schema,
  rows: SuggestionRows,
  now: number,
  options: { readonly distributions?: boolean } = {},
): Promise<Suggestion> {
  const columns = new Map<string, ProfiledColumn>(
    Object.entries(schema).map(([name, type]) => [name, profiledColumn(type)]),
  )
  const folds = [...columns.values()]
  let learnt = 0
  for await (const batch of rows.learn()) {
    learnt += batch.length
    for (const [index, fold] of folds.entries()) fold.take(batch.columns[index]!, batch.length)
  }
  const size = Math.max(FEWEST_ROWS, Math.ceil(learnt / BATCHES))
  const proposed = proposeChecks(schema, columns, size, options)
  const definitions = proposed.map(({ definition }) => definition)
  const holdout = await judgeBatches(definitions, { schema, now, references: new Map() }, rows.tryOn(), size)
  const judged = proposed.map((one): SuggestedCheck => {
    const { batches, failures } = holdout.byCheck.get(checkWords(one.definition)) ?? { batches: 0, failures: 0 }
    return { ...one, words: checkWords(one.definition), source: checkSource(one.definition), batches, failures }
  })
  const isKept = ({ batches, failures }: SuggestedCheck): boolean => batches > 0 && failures < MOST_FAILURES * batches
  return {
    rows: { learnt, tried: holdout.rows },
    suggested: judged.filter(isKept),
    dropped: judged.filter((one) => !isKept(one)),
  }
}

async function judgeBatches(
  definitions: readonly CheckDefinition[],
  context: CheckContext,
  batches: AsyncIterable<ColumnBatch>,
  size: number,
) {
  const byCheck = new Map<string, { batches: number; failures: number }>()
  let rows = 0
  let run: QualityRun | undefined
  let inRun = 0
  const close = (): void => {
    for (const { check, verdict } of run?.finish().results ?? []) {
      const counts = byCheck.get(check) ?? { batches: 0, failures: 0 }
      if (verdict !== 'insufficient') counts.batches += 1
      if (verdict === 'fail') counts.failures += 1
      byCheck.set(check, counts)
    }
    run = undefined
    inRun = 0
  }
  for await (const batch of batches) {
    rows += batch.length
    for (let from = 0; from < batch.length; ) {
      const to = Math.min(batch.length, from + size - inRun)
      run ??= startQuality(definitions, context)
      run.take(sliced(batch, from, to))
      inRun += to - from
      if (inRun >= size) close()
      from = to
    }
  }
  // A last batch that is much smaller is another kind of batch.
  if (inRun * 2 >= size) close()
  return { byCheck, rows }
}

function sliced({ length, columns }: ColumnBatch, from: number, to: number): ColumnBatch {
  if (from === 0 && to === length) return { length, columns }
  return {
    length: to - from,
    columns: columns.map((column) =>
      column instanceof Float64Array ? column.subarray(from, to) : column.slice(from, to),
    ),
  }
}
