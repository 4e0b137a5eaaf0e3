// What a side of the live benchmark measures.
import { seededRandom } from '../src/core/random.ts'
import { createLiveGroup, type LiveGroup, type LiveMemory } from '../src/kernel/live.ts'
import { planGroup } from '../src/kernel/plan.ts'
import { type EventColumns, type QueryColumns, replayGroup } from '../src/kernel/replay.ts'
import type { FeaturesDefinition } from '../src/language/define/definitions.ts'
import { createDictionary } from '../src/language/expr/dictionary.ts'
import { ownUsage } from './child.ts'
import {
  drawBatch,
  type EventBatch,
  eventsInOrder,
  eventsLateAndCorrected,
  fiftyFeatures,
  LIVE_SPAN,
  questions,
  sums,
  tenFeatures,
  trips,
} from './live-workload.ts'
import { median } from './median.ts'

/** Enough that their rows are several times the processor's cache: whoever is asked about is cold. */
const ENTITIES = 40_000
const EVENTS = 1_000_000
/** Operations timed together: the clock itself takes a tenth of one. */
const BATCH = 100
const BATCHES_OF_READS = 1500
const REPLAYED = 300_000
const REPLAYS = 5

/** Microseconds of one operation, or nanoseconds of one question and window, each the median. */
export interface LiveFigures {
  readonly apply: number
  readonly correct: number
  readonly readTen: number
  readonly readFifty: number
  /** Milliseconds for 100 entities with 50 features each. */
  readonly retrieve: number
  readonly inOrder: number
  readonly lateAndCorrected: number
  readonly memory: LiveMemory
  readonly peak_rss_mb: number
}

export function measure(): LiveFigures {
  const ten = measureGroup(tenFeatures)
  const fifty = measureGroup(fiftyFeatures)
  const asked = questions(seededRandom(3), REPLAYED)
  return {
    apply: ten.apply,
    correct: ten.correct,
    readTen: ten.read,
    readFifty: fifty.read,
    retrieve: fifty.retrieve,
    inOrder: measureReplay(eventsInOrder(seededRandom(4), REPLAYED), asked),
    lateAndCorrected: measureReplay(eventsLateAndCorrected(seededRandom(5), REPLAYED), asked),
    memory: ten.memory,
    peak_rss_mb: ownUsage().peak_rss_mb,
  }
}

function planOf(definition: FeaturesDefinition) {
  return planGroup(definition, trips, createDictionary())
}

function measureGroup(definition: FeaturesDefinition) {
  const random = seededRandom(1)
  const group = createLiveGroup(planOf(definition))
  const cars = Array.from({ length: ENTITIES }, (_, index) => `car ${index}`)
  const applied: number[] = []
  const kept: EventBatch[] = []
  for (let from = 0; from < EVENTS; from += BATCH) {
    const batch = drawBatch(random, cars, from, BATCH, EVENTS)
    const took = microseconds(() => {
      for (let index = 0; index < BATCH; index += 1) group.apply(batch.entities[index]!, batch.events[index]!)
    })
    // As the state is for most of its life: entities have the rows that their windows hold.
    if (from >= EVENTS * 0.8) applied.push(took / BATCH)
    if ((from / BATCH) % 20 === 0) kept.push(batch)
  }
  const memory = group.memory()
  const { read, retrieve } = measureReads(group, cars)
  const corrected = kept.map((batch) => correctAll(group, batch) / BATCH)
  return { apply: median(applied), correct: median(corrected), read, retrieve, memory }
}

/** Halves the fares of events that were applied. */
function correctAll(group: LiveGroup, { entities, events }: EventBatch): number {
  const halved = events.map((event) => ({ ...event, columns: event.columns.map((column) => column.map((v) => v / 2)) }))
  return microseconds(() => {
    for (let index = 0; index < BATCH; index += 1) {
      const entity = entities[index]!
      const old = { entity, event: events[index]! }
      group.correct(group.position + 1, old, { entity, event: halved[index]! })
    }
  })
}

function measureReads(group: LiveGroup, cars: readonly string[]) {
  const random = seededRandom(2)
  const features = group.plan.features.length
  const values = new Float64Array(features * BATCH)
  const statuses = new Uint8Array(features * BATCH)
  const took: number[] = []
  for (let batch = 0; batch < BATCHES_OF_READS; batch += 1) {
    const asked = Array.from({ length: BATCH }, () => cars[random.integer(cars.length)]!)
    took.push(
      microseconds(() => {
        for (let index = 0; index < BATCH; index += 1)
          group.read(asked[index]!, LIVE_SPAN + batch, values, statuses, index * features)
      }),
    )
  }
  const settled = took.slice(BATCHES_OF_READS / 3)
  return { read: median(settled) / BATCH, retrieve: median(settled) / 1000 }
}

/** Nanoseconds of processor time for each question and window. */
function measureReplay(events: EventColumns, asked: QueryColumns): number {
  const plan = planOf(sums)
  const output = {
    values: plan.features.map(() => new Float64Array(asked.count)),
    statuses: plan.features.map(() => new Uint8Array(asked.count)),
  }
  const took = Array.from({ length: REPLAYS }, () => {
    const { cpu } = ownUsage()
    replayGroup(plan, events, asked, output)
    return ownUsage().cpu - cpu
  })
  return (Math.min(...took) * 1000) / asked.count / plan.features.length
}

function microseconds(work: () => void): number {
  const start = performance.now()
  work()
  return (performance.now() - start) * 1000
}
