import type { CheckOf } from '../../language/define/check-definition.ts'
import type { ProjectDefinition, StreamDefinition } from '../../language/define/definitions.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { type CheckContext, MOST_REFERENCES, referenceKey } from './check.ts'
import { judgeRows } from './judge.ts'
import { type QualityReport, startQuality, worstOf } from './quality-run.ts'
import { scanStream } from './scan-stream.ts'

/** Largest share of rows refused where a stream names none. */
export const USUAL_BUDGET = 0.05

export interface JudgedParts {
  readonly project: ProjectDefinition
  readonly lake: Lake
  readonly log: EventLog
}

/** A batch of a stream: rows that came at these offsets, both included, and how many were refused beside them. */
export interface StreamBatch {
  readonly from: number
  readonly to: number
  readonly rejected: number
  /** Microseconds. */
  readonly now: number
  readonly profile?: boolean
  /** Names of the columns in the order of the file that the rows came from. */
  readonly order?: readonly string[]
}

/** Judges a batch of a stream by the stream's checks; the share of rows refused is one more. */
export async function judgeStream(parts: JudgedParts, name: string, batch: StreamBatch): Promise<QualityReport> {
  const stream = parts.project.streams[name]!
  const { quality = [], schema } = stream
  const references = new Map<string, ReadonlySet<string | number>>()
  for (const check of quality) {
    if (check.check !== 'foreignKey' || references.has(referenceKey(check))) continue
    references.set(referenceKey(check), await valuesOf(parts, check))
  }
  const order = batch.order === undefined ? {} : { order: batch.order }
  const context: CheckContext = { schema, now: batch.now, references, ...order }
  const run = startQuality(quality, context, { profile: batch.profile ?? false })
  for await (const rows of scanStream(parts, stream, batch.from, batch.to)) run.take(rows)
  return withRefusals(run.finish(), stream, batch.rejected)
}

/** The check of how many rows were refused, in words. */
export function refusalWords({ rejectBudget = USUAL_BUDGET }: { readonly rejectBudget?: number | undefined }): string {
  return `rows refused: at most ${rejectBudget * 100}%`
}

/** A report with one more check: that no larger share of the rows was refused than the budget allows. */
export function withRefusals(
  report: QualityReport,
  { rejectBudget = USUAL_BUDGET }: Pick<StreamDefinition, 'rejectBudget'>,
  rejected: number,
): QualityReport {
  if (rejected === 0) return report
  const { outcome, ...finding } = judgeRows(rejected, report.rows + rejected, { share: rejectBudget }, 'were refused')
  const verdict = outcome === 'breached' ? 'fail' : outcome === 'holds' ? 'pass' : 'insufficient'
  const result = {
    check: refusalWords({ rejectBudget }),
    severity: 'fail',
    verdict,
    ...finding,
  } as const
  const results = verdict === 'fail' ? [result, ...report.results] : [...report.results, result]
  return { ...report, results, verdict: worstOf([report.verdict, verdict]) }
}

/** The values of a column of a stream, as its batches hold them; no more than `MOST_REFERENCES`. */
async function valuesOf(
  parts: JudgedParts,
  { stream, references }: CheckOf<'foreignKey'>,
): Promise<ReadonlySet<string | number>> {
  const definition = parts.project.streams[stream]!
  const column = Object.keys(definition.schema).indexOf(references)
  const values = new Set<string | number>()
  for await (const batch of scanStream(parts, definition, 0, parts.log.nextOffset - 1)) {
    const cells = batch.columns[column]!
    for (let row = 0; row < batch.length && values.size < MOST_REFERENCES; row += 1) {
      const value = cells[row]!
      if (value !== null && !Number.isNaN(value)) values.add(value)
    }
    if (values.size === MOST_REFERENCES) break
  }
  return values
}
