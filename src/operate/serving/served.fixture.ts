import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type VirtualClock, virtualClock } from '../../core/clock.ts'
import { digestOf } from '../../core/digest.ts'
import { createFeatureEngine } from '../../data/features/feature-engine.ts'
import { createReferenceTables } from '../../data/features/reference-tables.ts'
import { planVector } from '../../data/features/vector.ts'
import type { VectorState } from '../../data/features/vector-reader.ts'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { above } from '../../language/define/decision.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import { forestOf } from '../../models/inference/forest-builder.ts'
import { createForestScorer } from '../../models/inference/forest-scorer.ts'
import type { EventLog } from '../../stores/log/event-log.ts'
import { type LogOptions, openLog } from '../../stores/log/sqlite-event-log.ts'
import { contractOf, encodeContract } from './model-contract.ts'
import type { Answered, RowAnswer } from './model-serving.ts'
import type { ServedVersion } from './served-version.ts'

export const NOON = Date.UTC(2025, 5, 1, 12) * 1000

const visits = stream('visits', {
  ...{ key: 'visit', time: 'at' },
  schema: {
    visit: t.string(),
    pages: t.int({ min: 0, max: 1000 }),
    note: t.string(),
    bought: t.bool({ nullable: true }),
    at: t.timestamp(),
  },
})

const buys = model('buys', {
  ...{ predicts: 'whether a visit ends in an order', at: visits, time: 'at', features: [visits.pick('pages')] },
  label: label(visits, col('bought')).on('visit').within('1d').absent(false),
  split: byTime({ train: '7d', validate: '1d', test: '1d' }),
  serve: { decision: above(0.5, 'help', 'leave'), fallback: 'leave' },
})

/** A version of a model that looks at the pages of a visit: more than `split` of them is likely, fewer is not. */
export function servedVersion(version: number, split: number): ServedVersion {
  const project = collectProject([buys])
  const forest = forestOf({ objective: 'binary', baseMargin: 0, featureNames: ['pages'] }, [
    { feature: 0, threshold: split, defaultLeft: true, left: { value: -2 }, right: { value: 2 } },
  ])
  const plan = planVector(buys, project)
  const content = contractOf(buys, project, plan)
  return {
    ...{
      model: buys,
      project,
      version,
      contract: { content, digest: digestOf(encodeContract(content)) },
      digest: `sha256:${String(version).repeat(64)}`,
      variant: 'full',
    },
    ...{ plan, sequenceDigests: [], scorer: createForestScorer(forest) },
  }
}

export const visit = (pages: number) => ({ visit: `V${pages}`, pages, at: NOON })

/** The prediction of a row that has one. */
export function answered(answer: RowAnswer): Answered {
  if ('answered' in answer) return answer.answered
  throw new Error(JSON.stringify(answer))
}

export interface ServingGround extends AsyncDisposable {
  readonly folder: string
  readonly log: EventLog
  readonly clock: VirtualClock
  readonly state: VectorState
}

/** A log in a folder of its own, and an engine without groups. */
export async function servingGround(options: Pick<LogOptions, 'queueBytes' | 'maxPages'> = {}): Promise<ServingGround> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'trueline-serving-'))
  const clock = virtualClock(NOON)
  const dictionary = createDictionary()
  const log = await openLog(join(folder.path, 'log.db'), { clock, secret: new Uint8Array(32).fill(7), ...options })
  return {
    ...{ folder: folder.path, log, clock },
    state: { engine: createFeatureEngine([], dictionary), tables: createReferenceTables([], dictionary) },
    async [Symbol.asyncDispose]() {
      await log.close()
      await folder.remove()
    },
  }
}
