import { type Digest, digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { CheckDefinition, CheckSeverity } from '../../language/define/check-definition.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import type { CheckContext, ColumnBatch, Finding, TableRun } from './check.ts'
import { type ColumnProfile, columnProfile, type ProfiledColumn, profiledColumn } from './profile/column-profile.ts'
import { checkWords, kindOf } from './registry.ts'
import { startRows } from './row-run.ts'

export type QualityVerdict = 'pass' | 'warn' | 'fail' | 'insufficient'

/** What became of one check. */
export interface CheckResult extends Omit<Finding, 'outcome'> {
  /** The check in words. */
  readonly check: string
  /** Of the check's definition; results that were kept by earlier versions have none. */
  readonly digest?: Digest
  readonly column?: string
  readonly severity: CheckSeverity
  readonly verdict: QualityVerdict
}

/** The judgement on a batch. */
export interface QualityReport {
  readonly verdict: QualityVerdict
  readonly rows: number
  /** The checks that say most first. */
  readonly results: readonly CheckResult[]
  /** Where a profile was asked for. */
  readonly profile?: readonly ColumnProfile[]
}

/** A judgement that is being made: the batches of one table, then the report. Memory does not grow with the rows. */
export interface QualityRun {
  take(batch: ColumnBatch): void
  finish(): QualityReport
}

/**
 * Begins to judge a table by checks, and to profile it when asked.
 * @throws TruelineError `unknown_column` when a check names a column that is not there and is not about that
 */
export function startQuality(
  definitions: readonly CheckDefinition[],
  context: CheckContext,
  { profile = false }: { readonly profile?: boolean } = {},
): QualityRun {
  const { schema } = context
  const names = Object.keys(schema)
  const folds = new Map<string, ProfiledColumn>()
  const foldOf = (column: string): ProfiledColumn => {
    const type = schema[column]
    if (type === undefined) throw missing(column)
    const fold = folds.get(column) ?? profiledColumn(type)
    folds.set(column, fold)
    return fold
  }
  if (profile) for (const name of names) foldOf(name)
  const runs = definitions.map((definition) => startCheck(definition, context, foldOf))
  const tables = runs.flatMap(({ run }) => (run === undefined ? [] : [run]))
  const folded = names.flatMap((name, index) => {
    const fold = folds.get(name)
    return fold === undefined ? [] : [{ index, fold }]
  })
  let rows = 0
  return {
    take(batch) {
      rows += batch.length
      for (const { index, fold } of folded) fold.take(batch.columns[index]!, batch.length)
      for (const run of tables) run.take(batch)
    },
    finish() {
      const results = definitions.map((definition, index) => resultOf(definition, runs[index]!.finish()))
      const profiles = names
        .map((name) => folds.get(name))
        .map((fold, index) =>
          fold === undefined ? undefined : columnProfile(names[index]!, schema[names[index]!]!, fold),
        )
      return {
        verdict: worstOf(results.map(({ verdict }) => verdict)),
        rows,
        results: results.sort((a, b) => ranks[b.verdict] - ranks[a.verdict]),
        ...(profile ? { profile: profiles.filter((one) => one !== undefined) } : {}),
      }
    },
  }
}

interface StartedCheck {
  readonly run?: TableRun
  finish(): Finding
}

function startCheck(
  definition: CheckDefinition,
  context: CheckContext,
  foldOf: (column: string) => ProfiledColumn,
): StartedCheck {
  const { schema } = context
  const kind = kindOf(definition)
  switch (kind.form) {
    case 'schema':
      return { finish: () => kind.judge(definition, context) }
    case 'column': {
      const fold = foldOf(columnOf(definition)!)
      return { finish: () => kind.judge(definition, fold, context) }
    }
    case 'row': {
      for (const column of columnsNamed(definition)) if (schema[column] === undefined) throw missing(column)
      const test = kind.test(definition, schema[columnOf(definition) ?? ''] ?? { type: 'number' })
      const run = startRows(test, 'allowed' in definition ? definition.allowed : undefined, schema)
      return { run, finish: () => run.finish() }
    }
    case 'table': {
      for (const column of columnsNamed(definition)) if (schema[column] === undefined) throw missing(column)
      const run = kind.start(definition, context)
      return { run, finish: () => run.finish() }
    }
  }
}

/** The columns that a check is about. */
export function columnsNamed(definition: CheckDefinition): readonly string[] {
  if ('columns' in definition) return definition.columns
  if ('left' in definition) return [definition.left, definition.right]
  if ('expression' in definition) return columnsOf(definition.expression)
  return 'column' in definition ? [definition.column] : []
}

function columnOf(definition: CheckDefinition): string | undefined {
  return 'column' in definition ? definition.column : undefined
}

function missing(column: string): TruelineError {
  return new TruelineError('unknown_column', `A check is about '${column}', which the table has not.`, { path: column })
}

function resultOf(definition: CheckDefinition, { outcome, ...finding }: Finding): CheckResult {
  const column = columnOf(definition)
  const { severity } = definition
  const breach = severity === 'warn' ? 'warn' : 'fail'
  return {
    check: checkWords(definition),
    digest: digestOfJson(definition),
    ...(column === undefined ? {} : { column }),
    severity,
    verdict: outcome === 'holds' ? 'pass' : outcome === 'breached' ? breach : 'insufficient',
    ...finding,
  }
}

const ranks: Readonly<Record<QualityVerdict, number>> = { pass: 0, insufficient: 1, warn: 2, fail: 3 }

/** The verdict on all: what is worse counts, and not enough data is no pass. */
export function worstOf(verdicts: readonly QualityVerdict[]): QualityVerdict {
  return verdicts.reduce((worst, verdict) => (ranks[verdict] > ranks[worst] ? verdict : worst), 'pass')
}
