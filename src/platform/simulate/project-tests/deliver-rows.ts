import { asTruelineError } from '../../../core/errors.ts'
import { parseTime } from '../../../core/time.ts'
import type { RejectedRow } from '../../../data/features/ingest.ts'
import { maskedRow } from '../../../data/quality/mask-row.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import type { GivenRows } from '../../../language/define/scenario.ts'
import type { OwnedPlatform } from '../../app/open-platform.ts'

/** A row that comes at its time. */
export interface ComingRow {
  readonly stream: string
  readonly row: unknown
  /** Microseconds. */
  readonly arriving: number
}

/** What became of a row of a test. */
export interface TakenRow {
  readonly stream: string
  /** As it may be shown, sensitive values masked: what tests say is kept in the logs of runs. Absent of an accepted row of a file. */
  readonly row?: string
  /** Why it was rejected. */
  readonly code?: string
  readonly reason?: string
}

/**
 * When the rows of a step come: at the time that the step says, else each at its own event time. A row whose time cannot
 * be read comes with the one before it.
 */
export function comingRows({ stream: name, rows, arriving }: GivenRows, stream: StreamDefinition): ComingRow[] {
  let last = arriving ?? Number.NEGATIVE_INFINITY
  return rows.map((row) => {
    last = arriving ?? timeOf(row, stream.time) ?? last
    return { stream: name, row, arriving: last }
  })
}

/** Lets rows come in the order of their arrival, moving the clock to each. */
export async function deliverRows(
  platform: OwnedPlatform,
  rows: readonly ComingRow[],
  advanceTo: (time: number) => void,
): Promise<TakenRow[]> {
  const ordered = rows.toSorted((a, b) => a.arriving - b.arriving)
  const taken: TakenRow[] = []
  for (let from = 0; from < ordered.length; ) {
    const { stream, arriving } = ordered[from]!
    let end = from + 1
    while (ordered[end]?.arriving === arriving && ordered[end]?.stream === stream) end += 1
    const together = ordered.slice(from, end).map(({ row }) => row)
    advanceTo(arriving)
    taken.push(...outcomesOf(platform.project.streams[stream]!, together, await takeRows(platform, stream, together)))
    from = end
  }
  await platform.parts.log.drained()
  return taken
}

/** Takes rows without waiting for the disk: a test's rows come at thousands of moments. */
async function takeRows(
  platform: OwnedPlatform,
  stream: string,
  rows: readonly unknown[],
): Promise<readonly RejectedRow[]> {
  const { ingest } = platform.parts
  const { result } = await ingest.whenReady(stream, rows, (past) => ingest.take(stream, rows, undefined, past))
  return result.rejected
}

function outcomesOf(
  { name: stream, schema }: StreamDefinition,
  rows: readonly unknown[],
  rejected: readonly RejectedRow[],
): TakenRow[] {
  const refusals = new Map(rejected.map(({ index, code, reason }) => [index, { code, reason }]))
  return rows.map((row, index) => ({ stream, row: maskedRow(row, schema).row, ...refusals.get(index) }))
}

function timeOf(row: unknown, column: string): number | undefined {
  const value = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[column] : undefined
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  try {
    return parseTime(value)
  } catch (thrown) {
    if (asTruelineError(thrown).code === 'invalid_timestamp') return undefined
    throw thrown
  }
}
