import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { virtualClock } from '../../src/core/clock.ts'
import { digestOf } from '../../src/core/digest.ts'
import { createSlices } from '../../src/core/slices.ts'
import { SECOND } from '../../src/core/time.ts'
import { createFeatureEngine } from '../../src/data/features/feature-engine.ts'
import { createIngest } from '../../src/data/features/ingest.ts'
import { createReferenceTables } from '../../src/data/features/reference-tables.ts'
import { planVector } from '../../src/data/features/vector.ts'
import { above, byTime, col, count, entity, features, label, mean, model, stream, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { digestOfFeatures } from '../../src/language/define/digest.ts'
import { createDictionary } from '../../src/language/expr/dictionary.ts'
import { forestOf } from '../../src/models/inference/forest-builder.ts'
import { createForestScorer } from '../../src/models/inference/forest-scorer.ts'
import { contractOf, encodeContract } from '../../src/operate/serving/model-contract.ts'
import { type ServedVersion, sequenceDigestsOf } from '../../src/operate/serving/served-version.ts'
import { createStreamScorer } from '../../src/operate/serving/stream/stream-scorer.ts'
import { openLake } from '../../src/stores/lake/parquet-lake.ts'
import { openLog } from '../../src/stores/log/sqlite-event-log.ts'

const clicks = stream('clicks', {
  ...{ key: 'click', time: 'at' },
  schema: { click: t.string(), page: t.string(), seconds: t.int({ min: 0, max: 100 }), at: t.timestamp() },
})

const page = entity('page', { page: t.string() })

/** Of the very stream that asks: what a click sees depends on each click before it. */
const pageClicks = features('page_clicks', {
  entity: page,
  from: clicks,
  select: { clicks_10m: count().over('10m'), mean_seconds: mean('seconds').over('5m') },
})

const stays = model('stays', {
  ...{ predicts: 'whether a visitor stays', at: clicks, time: 'at', features: [pageClicks, clicks.pick('seconds')] },
  label: label(clicks, col('seconds').gt(50)).on('click').within('1d').absent(false),
  split: byTime({ train: '7d', validate: '1d', test: '1d' }),
  serve: { modes: ['stream'], decision: above(0.5, 'stays', 'leaves') },
})

const project = collectProject([stays])
export const answersName = 'stays_predictions'

/** Rows of a call: a click each second, whatever was told before. */
export const CALL = 40

export function callOf(number: number): object[] {
  return Array.from({ length: CALL }, (_, index) => {
    const click = number * CALL + index
    return { click: `C${click}`, page: `P${(click * 7) % 5}`, seconds: (click * 37) % 101, at: START + click * SECOND }
  })
}

const START = 1_700_000_000 * SECOND

function servedVersion(): ServedVersion {
  const plan = planVector(stays, project)
  const content = contractOf(stays, project, plan)
  const contract = { content, digest: digestOf(encodeContract(content)) }
  const names = plan.inputs.map(({ name }) => name)
  const forest = forestOf(
    { objective: 'binary', baseMargin: 0, featureNames: names },
    names.map((_, feature) => ({
      ...{ feature, threshold: 40, defaultLeft: true },
      ...{ left: { value: -0.5 - feature }, right: { value: 0.7 + feature } },
    })),
  )
  return {
    ...{ model: stays, project, version: 1, digest: `sha256:${'1'.repeat(64)}`, variant: 'full', contract, plan },
    ...{ sequenceDigests: sequenceDigestsOf(plan, project), scorer: createForestScorer(forest) },
  }
}

/** A folder with a log, a lake, the features of its clicks, and the scorer that they ask. */
export async function openClicks(folder: string) {
  await mkdir(folder, { recursive: true })
  const clock = virtualClock(START)
  const log = await openLog(join(folder, 'log.db'), { clock })
  const lake = await openLake({
    ...{ folder: join(folder, 'lake'), log, logPath: join(folder, 'log.db'), streams: project.streams },
  })
  const dictionary = createDictionary()
  const definition = project.features['page_clicks']!
  const digest = digestOfFeatures(definition, project)
  const engine = createFeatureEngine([{ digest, definition, stream: clicks, entity: page }], dictionary)
  const ingest = createIngest({
    ...{ streams: project.streams, log, readEvents: lake.readEvents },
    onAccepted(batch) {
      const asked = scorer.take(batch)
      engine.apply(batch, asked?.before)
      asked?.done()
    },
  })
  for await (const batch of lake.scanChanges('clicks')) {
    engine.apply(batch)
    ingest.remember(batch)
  }
  const served = servedVersion()
  const scorer = createStreamScorer({
    ...{ log, lake, clock, model: stays, stream: clicks, output: project.streams[answersName]! },
    state: { engine, tables: createReferenceTables([], dictionary) },
    served: () => served,
    observerOf: () => ({ observe: () => undefined, failed: () => undefined }),
    onProduced: () => undefined,
    slices: createSlices(clock),
    // Small enough that some turns read back while others take what was captured.
    mostReadBack: 3 * CALL,
  })

  /** Sends a call, at its own time, and lets it be scored. */
  async function send(number: number): Promise<void> {
    const rows = callOf(number)
    clock.advanceTo((rows.at(-1) as { at: number }).at)
    await ingest.ingest('clicks', rows)
    void scorer.advance()
    if (number % 9 === 8) await lake.flush()
  }

  return {
    ...{ log, lake, scorer, send },
    /** The call that comes next: calls are accepted whole. */
    next: () => log.conservation('clicks').accepted / CALL,
    async close() {
      await scorer.stop()
      await lake.close()
      await log.close()
    },
  }
}
