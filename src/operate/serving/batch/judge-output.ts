import type { Schema } from '../../../core/data-type.ts'
import { judgeRows } from '../../../data/quality/judge.ts'
import { withRefusals } from '../../../data/quality/judge-stream.ts'
import { type QualityReport, startQuality } from '../../../data/quality/quality-run.ts'
import { parquetFiles, sqlName } from '../../../stores/lake/duckdb.ts'
import { scanAlone } from '../../../stores/lake/scan-columns.ts'
import type { BatchJob } from './batch-job.ts'
import type { StagedPopulation } from './stage-population.ts'

/**
 * Judges a run's output by the checks of its batch, and the share of rows that were rejected by its budget. Where none of
 * its rows could be scored it fails, whatever the budget: nothing takes the place of scores that are there.
 */
export async function judgeOutput(
  { definition, at, folder }: BatchJob,
  schema: Schema,
  files: readonly string[],
  { rows, rejected }: Pick<StagedPopulation, 'rows' | 'rejected'>,
): Promise<QualityReport> {
  const { quality, rejectBudget } = definition
  const judged = (report: QualityReport): QualityReport =>
    withScored(withRefusals(report, { rejectBudget }, rejected), rejected)
  if (quality.length === 0) return judged({ verdict: 'pass', rows, results: [] })
  const run = startQuality(quality, { schema, now: at, references: new Map() })
  const relation = `(SELECT ${Object.keys(schema)
    .map((name) => asKept(name, schema))
    .join(', ')}
    FROM ${parquetFiles(files)})`
  if (files.length > 0) for await (const rows of scanAlone(folder, relation, schema)) run.take(rows)
  return judged(run.finish())
}

/** A report that fails where there were rows and not one could be scored. */
function withScored(report: QualityReport, rejected: number): QualityReport {
  if (report.rows > 0 || rejected === 0 || report.verdict === 'fail') return report
  const { outcome: _, ...finding } = judgeRows(rejected, rejected, undefined, 'could not be scored')
  const sentence = `None of ${rejected} rows could be scored.`
  const result = { check: 'rows scored: at least 1', severity: 'fail', verdict: 'fail', ...finding, sentence } as const
  return { ...report, results: [result, ...report.results], verdict: 'fail' }
}

/** A column of the output as the lake keeps it, which checks are made for. */
function asKept(name: string, schema: Schema): string {
  const { type, scale = 0 } = schema[name]!
  const column = sqlName(name)
  if (type === 'timestamp') return `epoch_us(${column}) AS ${column}`
  return type === 'decimal' ? `(${column} * ${10 ** scale})::BIGINT AS ${column}` : column
}
