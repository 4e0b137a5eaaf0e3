import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import type { CheckDefinition } from '../../language/define/check-definition.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { withRefusals } from './judge-stream.ts'
import { startQuality } from './quality-run.ts'
import { batchScopes, standingFailure } from './standing-failure.ts'
import { listVerdicts, type QualityScope, recordVerdict } from './verdict-store.ts'

const inRange: CheckDefinition = { check: 'range', column: 'refund', severity: 'fail', min: 0, max: 60 }
const mostly: CheckDefinition = { check: 'completeness', column: 'refund', severity: 'fail', min: 0.9 }

test('of a stream that failure stands whose check is in force and that nothing newer says to hold', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-standing-'))
  const metadata = await openMetadata(join(folder.path, 'metadata.db'), { clock: virtualClock(0) })
  let subject = ''
  /** Keeps the judgement on rows, and gives its id. */
  async function judge(
    checks: readonly CheckDefinition[],
    refunds: readonly number[],
    { scope = 'import', rejected = 0 }: { readonly scope?: QualityScope; readonly rejected?: number } = {},
  ): Promise<string> {
    const context = { schema: { refund: { type: 'number' } }, now: 0, references: new Map() } as const
    const run = startQuality(checks, context)
    run.take({ length: refunds.length, columns: [Float64Array.from(refunds)] })
    const report = withRefusals(run.finish(), {}, rejected)
    const verdict = { scope, subject, batch: 'a batch', rejected, report }
    return (await recordVerdict(metadata, verdict)).id
  }
  const stands = async (
    quality: readonly CheckDefinition[],
    { budget, failing }: { readonly budget?: number; readonly failing?: readonly QualityScope[] } = {},
  ) => {
    const stream = { quality, ...(budget === undefined ? {} : { rejectBudget: budget }) }
    return (await standingFailure(metadata, subject, stream, failing))?.verdict.id
  }
  const good = Array.from({ length: 20 }, () => 10)
  const bad = [...good, 70]

  subject = 'stream/changed'
  const failed = await judge([inRange, mostly], bad)
  expect(await stands([inRange])).toBe(failed)
  expect(await stands([{ ...inRange, max: 80 }])).toBeUndefined()
  expect(await stands([{ ...inRange, severity: 'warn' }])).toBeUndefined()
  expect(await stands([mostly])).toBeUndefined()
  expect(await standingFailure(metadata, subject, undefined)).toBeUndefined()
  // One row cannot tell of a share, and its batch lifts nothing, though it is in range.
  await judge([inRange, mostly], [10])
  expect(await stands([inRange, mostly])).toBe(failed)
  // All rows that hold lift the failure of a batch.
  await judge([inRange, mostly], good, { scope: 'asked' })
  expect(await stands([inRange, mostly])).toBeUndefined()

  subject = 'stream/asked'
  const asked = await judge([inRange], bad, { scope: 'asked' })
  expect(await stands([inRange])).toBe(asked)
  expect(await stands([inRange], { failing: batchScopes })).toBeUndefined()

  subject = 'stream/warned'
  const rare = await judge([mostly], [...good, ...good.map(() => Number.NaN)])
  // What warns is told before what cannot be judged, and hides it.
  const warns = { ...inRange, severity: 'warn' } as const
  await judge([warns, mostly], [70])
  expect(await stands([warns, mostly])).toBe(rare)

  subject = 'stream/refused'
  const refused = await judge([inRange], good, { rejected: 10 })
  await judge([inRange], good, { scope: 'asked' })
  expect(await stands([inRange])).toBe(refused)
  expect(await stands([inRange], { budget: 0.5 })).toBeUndefined()
  await judge([inRange], good)
  expect(await stands([inRange])).toBeUndefined()

  subject = 'stream/before_digests'
  const old = await judge([inRange], bad)
  const { verdicts } = await listVerdicts(metadata, { subject })
  const results = verdicts[0]!.results.map(({ digest, ...result }) => result)
  await metadata.database
    .updateTable('quality_verdicts')
    .set({ results: JSON.stringify(results) })
    .where('subject', '=', subject)
    .execute()
  expect(await stands([inRange])).toBe(old)
  expect(await stands([{ ...inRange, max: 80 }])).toBeUndefined()
  await metadata.close()
})
