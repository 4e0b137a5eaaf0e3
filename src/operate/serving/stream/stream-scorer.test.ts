import { expect, test } from 'vitest'
import { createSlices } from '../../../core/slices.ts'
import { createEventReader } from '../../../data/features/event-reader.ts'
import { createIngest, type Ingest } from '../../../data/features/ingest.ts'
import { predictionLogOf } from '../../../language/define/prediction-log-definition.ts'
import { predictionStream } from '../../../language/define/prediction-stream.ts'
import type { Lake } from '../../../stores/lake/lake.ts'
import { openLake } from '../../../stores/lake/parquet-lake.ts'
import type { EventLog } from '../../../stores/log/event-log.ts'
import type { ObservedPrediction } from '../model-serving.ts'
import { visit as asked, NOON, servedVersion, servingGround } from '../served.fixture.ts'
import type { ServedVersion } from '../served-version.ts'
import { askAgain } from './ask-again.ts'
import { askedVersion } from './asked-rows.ts'
import { consume, scoreRows } from './consumed.ts'
import { createQuestionReader } from './question-reader.ts'
import { createStreamScorer, type StreamScorer, type StreamScorerOptions } from './stream-scorer.ts'

const { model, project } = servedVersion(1, 5)
const visits = project.streams['visits']!
const answers = predictionStream(model)

interface Ground extends AsyncDisposable, Pick<Awaited<ReturnType<typeof servingGround>>, 'clock' | 'state'> {
  readonly log: EventLog
  readonly lake: Lake
  readonly ingest: Ingest
  readonly observed: ObservedPrediction[]
  readonly failed: string[]
  served: ServedVersion | undefined
  /** A scorer that is asked by what comes from now on. */
  begin(options?: Partial<StreamScorerOptions>): StreamScorer
  answers(): Promise<(readonly [event: string, score: number | null, decision: string | null, version: number])[]>
}

async function createGround(): Promise<Ground> {
  const base = await servingGround()
  const { log, clock, state } = base
  const folder = `${base.folder}/lake`
  const lake = await openLake({
    folder,
    log,
    logPath: `${base.folder}/log.db`,
    streams: { visits, [answers.name]: answers },
  })
  let scorer: StreamScorer | undefined
  const observed: ObservedPrediction[] = []
  const failed: string[] = []
  const ground: Ground = {
    ...{ log, lake, clock, state, observed, failed, served: servedVersion(1, 5) },
    ingest: createIngest({
      ...{ streams: { visits }, log, readEvents: lake.readEvents },
      onAccepted(batch) {
        const asked = scorer?.take(batch)
        state.engine.apply(batch, asked?.before)
        asked?.done()
      },
    }),
    begin(options = {}) {
      scorer = createStreamScorer({
        ...{ log, lake, clock, state, model, stream: visits, output: answers, served: () => ground.served },
        observerOf: () => ({
          observe: (prediction) => void observed.push({ ...prediction, values: prediction.values.slice() }),
          failed: (code) => void failed.push(code),
        }),
        onProduced: () => undefined,
        slices: createSlices(clock),
        ...options,
      })
      return scorer
    },
    async answers() {
      await log.drained()
      return log.readTail(answers.name, 0, log.nextOffset, 1000).map(({ row }) => {
        const { event, score, decision, version } = JSON.parse(row)
        return [event, score, decision, version] as const
      })
    },
    async [Symbol.asyncDispose]() {
      await scorer?.stop()
      await lake.close()
      await base[Symbol.asyncDispose]()
    },
  }
  return ground
}

const visit = (pages: number) => ({ ...asked(pages), note: '' })
const told = (count: number, from = 0) => Array.from({ length: count }, (_, index) => visit(from + index))

test('each event is answered once, with the version that serves, in the order in which they came', async () => {
  await using ground = await createGround()
  await ground.ingest.ingest('visits', told(2, 100))
  const scorer = ground.begin()
  await ground.ingest.ingest('visits', told(3, 4))
  await scorer.advance()
  ground.served = servedVersion(2, 50)
  await ground.ingest.ingest('visits', told(1, 7))
  await scorer.advance()
  const found = await ground.answers()
  expect(found.map(([, , decision, version]) => [decision, version])).toEqual([
    ['leave', 1],
    ['help', 1],
    ['help', 1],
    ['leave', 2],
  ])
  expect(found.map(([event]) => event)).toEqual(['V4', 'V5', 'V6', 'V7'].map((name) => expect.stringContaining(name)))
  expect(scorer.position).toMatchObject({ received: 4, scored: 4, rejected: 0, passed: 0 })
  expect(ground.observed.map(({ values }) => [...values])).toEqual([[4], [5], [6], [7]])
  expect([scorer.behind, scorer.waitingSince]).toEqual([0, undefined])
})

test('what a graph scores lets others have their turn, is answered like all else, and one row at fault harms no other', async () => {
  const answered: (readonly (readonly unknown[])[])[] = []
  for (const platform of ['trueline_forest', 'onnxruntime_onnx'] as const) {
    await using ground = await createGround()
    const { scorer, ...rest } = servedVersion(1, 5)
    const asked: number[] = []
    const scoreColumns: typeof scorer.scoreColumns = (columns, rows) => {
      if (columns[0]!.includes(9)) throw new Error('The graph cannot be run on a nine.')
      asked.push(turns)
      return scorer.scoreColumns(columns, rows)
    }
    ground.served = { ...rest, scorer: { ...scorer, platform, scoreColumns } }
    // However fast the machine is, a slice is over after each row.
    let time = 0
    const consuming = ground.begin({ slices: createSlices({ elapsed: () => (time += 2000) }) })
    let turns = 0
    let turn = setImmediate(function count() {
      turns += 1
      turn = setImmediate(count)
    })
    for (const part of [told(5, 4), told(3, 9)]) {
      await ground.ingest.ingest('visits', part)
      await consuming.advance()
    }
    clearImmediate(turn)
    answered.push((await ground.answers()).map(([, ...answer]) => answer))
    expect(ground.failed).toEqual(['scoring_failed'])
    expect(consuming.position).toMatchObject({ received: 8, scored: 7, rejected: 1 })
    expect(new Set(asked.slice(0, 5)).size).toBe(platform === 'trueline_forest' ? 2 : 5)
  }
  expect(answered[1]).toEqual(answered[0])
})

test('what is masked now is masked, whatever was in force when the version was trained', async () => {
  await using ground = await createGround()
  const log = { ...predictionLogOf('group'), mask: ['note'] }
  const scorer = ground.begin({ recording: { log, schema: visits.schema } })
  await ground.ingest.ingest('visits', [{ ...visit(4), note: 'call 555-0199' }])
  await scorer.advance()
  await ground.log.drained()
  const rows: string[] = []
  for await (const block of ground.log.scanPredictions({})) rows.push(...block.rows)
  expect(rows.map((row) => JSON.parse(row))).toEqual([{ ...asked(4), bought: null, note: expect.any(String) }])
  expect(rows[0]).not.toContain('555-0199')
})

test('a dead letter shows nothing that is called sensitive now, whatever was in force when the version was trained', async () => {
  await using ground = await createGround()
  const note = { ...visits.schema['note']!, sensitive: true }
  const stream = { ...visits, schema: { ...visits.schema, note } }
  const { scorer, ...rest } = servedVersion(1, 5)
  const scoreColumns: typeof scorer.scoreColumns = (_, count) => new Float64Array(count).fill(Number.NaN)
  ground.served = { ...rest, scorer: { ...scorer, scoreColumns } }
  const consuming = ground.begin({ stream, recording: { log: predictionLogOf('group'), schema: stream.schema } })
  await ground.ingest.ingest('visits', [{ ...visit(4), note: 'call 555-0199' }])
  await consuming.advance()
  await ground.log.drained()
  const [letter] = ground.log.deadLetters({}).rows
  expect(JSON.parse(letter!.row)).toMatchObject({ visit: 'V4', note: '***' })
})

test('corrections and deletions ask nothing, live or read back', async () => {
  const rows = [
    ...told(2, 4),
    { ...visit(4), note: 'corrected', _revision: 1 },
    { ...visit(5), _revision: 1, _tombstone: true },
    { ...visit(5), _revision: 2 },
    visit(8),
  ]
  for (const mostBytes of [2 ** 26, 0]) {
    await using ground = await createGround()
    const scorer = ground.begin({ mostBytes })
    for (const row of rows) await ground.ingest.ingest('visits', [row])
    await scorer.advance()
    const events = (await ground.answers()).map(([event]) => event)
    expect(events).toEqual(['V4', 'V5', 'V8'].map((name) => expect.stringContaining(name)))
    expect(scorer.position).toMatchObject({ received: 6, scored: 3, passed: 3, rejected: 0 })
    expect(await logged(ground)).toEqual(['V4', 'V5', 'V8'])
  }
})

test('an event that cannot be scored is a dead letter with its reason, answered by the fallback; others are not held up', async () => {
  const { scorer: inner, contract, ...rest } = servedVersion(1, 5)
  const { request } = contract.content
  const columns = { ...request.columns, note: { ...request.columns['note']!, sensitive: true } }
  const poisoned: ServedVersion = {
    ...rest,
    contract: { ...contract, content: { ...contract.content, request: { ...request, columns } } },
    scorer: {
      ...inner,
      scoreRow: (values, at) => (values[at] === 6 ? fail() : inner.scoreRow(values, at)),
      scoreColumns: (columns, count) =>
        columns[0]!.subarray(0, count).includes(6) ? fail() : inner.scoreColumns(columns, count),
    },
  }
  function fail(): never {
    throw new Error('Six is too much.')
  }
  await using ground = await createGround()
  ground.served = poisoned
  const scorer = ground.begin()
  await ground.ingest.ingest('visits', told(4, 4))
  await scorer.advance()
  expect((await ground.answers()).map(([, score, decision]) => [score === null, decision])).toEqual([
    [false, 'leave'],
    [false, 'help'],
    [true, 'leave'],
    [false, 'help'],
  ])
  const [letter] = ground.log.deadLetters({}).rows
  expect(letter).toMatchObject({
    stream: 'visits',
    scope: 'scoring',
    code: 'scoring_failed',
    reason: 'Six is too much.',
  })
  expect(letter!.source).toMatch(/^buys@\d+$/)
  expect(JSON.parse(letter!.row)).toMatchObject({ visit: 'V6', note: '***' })
  expect(scorer.position).toMatchObject({ received: 4, scored: 3, rejected: 1, fallbacks: 1 })
  expect(ground.failed).toEqual(['scoring_failed'])
  expect(ground.log.conservation('visits')).toMatchObject({ accepted: 4, rejected: 0 })
})

test('the answer of a fallback is revised by the prediction that takes its place, and the consumer stays where it stands', async () => {
  await using ground = await createGround()
  const { log, lake, clock } = ground
  const { scorer: inner, ...rest } = servedVersion(1, 5)
  const scoreColumns: typeof inner.scoreColumns = (_, count) => new Float64Array(count).fill(Number.NaN)
  ground.served = { ...rest, scorer: { ...inner, scoreColumns } }
  const scorer = ground.begin()
  await ground.ingest.ingest('visits', told(3, 4))
  await scorer.advance()
  await log.drained()
  const letters = log.deadLetters({}).rows
  const { offset, knownAt } = scorer.position!
  const version = askedVersion(servedVersion(2, 5), createQuestionReader(servedVersion(2, 5), visits, ground.state), {
    observe: () => undefined,
    failed: () => undefined,
  })
  const stream = createEventReader(visits)
  const offsets = letters.map(({ source }) => Number(source!.split('@')[1])).sort((a, b) => a - b)
  const first = await askAgain(lake, version, { offsets: offsets.slice(1), stream, answers })
  expect([...first.given]).toEqual(offsets.slice(1).map((at) => [at, { revision: 0, isScored: false }]))
  const revisionOf = (at: number) => first.given.get(at)!.revision + 1
  const { outputs, predictions } = consume(
    { log, clock, output: createEventReader(answers), classes: undefined, revisionOf },
    first.asked,
    scoreRows(first.asked, clock),
  )
  log.commitConsumed({
    ...{ consumer: 'scoring/buys', after: offset, offset, knownAt, predictions, rejected: [] },
    counts: { received: 0, passed: 0, scored: 2, rejected: -2, fallbacks: -2 },
    outputs: { stream: answers.name, events: outputs.events() },
    retried: letters.slice(0, 2).map(({ number }) => ({
      ...{ letter: number, outcome: 'accepted', state: 'replayed', by: 'ada' },
    })),
  })
  expect((await ground.answers()).slice(3).map(([, , decision, by]) => [decision, by])).toEqual([
    ['help', 2],
    ['help', 2],
  ])
  expect(scorer.position).toMatchObject({ offset, received: 3, scored: 2, rejected: 1, fallbacks: 1 })
  expect(log.deadLetters({ state: 'open' }).total).toBe(1)
  const second = await askAgain(lake, version, { offsets, stream, answers })
  expect([...second.given.values()]).toEqual([
    { revision: 0, isScored: false },
    { revision: 1, isScored: true },
    { revision: 1, isScored: true },
  ])
  expect(second.asked.length).toBe(1)
})

test('of a version of other classes each probability is in the column of its class, and none in those of others', async () => {
  await using ground = await createGround()
  const { log, lake, clock } = ground
  await ground.ingest.ingest('visits', told(1, 4))
  await log.drained()
  const ofClasses = (...classes: string[]) => ({
    ...{ ...model, task: 'multiclass' as const, label: { ...model.label, type: 'string' as const, classes } },
  })
  const served = { ...servedVersion(1, 5), model: ofClasses('fine', 'late', 'lost') }
  const version = askedVersion(servedVersion(1, 5), createQuestionReader(servedVersion(1, 5), visits, ground.state), {
    observe: () => undefined,
    failed: () => undefined,
  })
  const { asked: rows } = await askAgain(
    lake,
    { ...version, served },
    {
      ...{ offsets: [log.nextOffset - 1], stream: createEventReader(visits), answers },
    },
  )
  const present = ofClasses('late', 'damaged', 'fine')
  const consumed = consume(
    { log, clock, output: createEventReader(predictionStream(present)), classes: present.label.classes },
    rows,
    {
      outcomes: {
        ...{ scores: Float64Array.of(0.5), probabilities: Float64Array.of(0.3, 0.2, 0.5) },
        ...{ codes: new Uint16Array(1), verdicts: [{ decision: undefined, decidedBy: undefined }] },
      },
      ...{ faults: new Map(), latency: 1 },
    },
  )
  expect(JSON.parse(consumed.outputs.events().rows[0]!)).toMatchObject({
    ...{ class: 'lost', probability_late: 0.2, probability_damaged: null, probability_fine: 0.3 },
  })
})

test('a row whose scoring fails has no score, so that nothing explains it', async () => {
  await using ground = await createGround()
  await ground.ingest.ingest('visits', told(2, 4))
  await ground.log.drained()
  const { scorer, ...rest } = servedVersion(1, 5)
  const scoreColumns: typeof scorer.scoreColumns = (columns, count) => {
    if (columns[0]!.includes(4)) throw new Error('Four is too much.')
    return scorer.scoreColumns(columns, count)
  }
  const served = { ...rest, scorer: { ...scorer, scoreColumns } }
  const version = askedVersion(served, createQuestionReader(served, visits, ground.state), {
    observe: () => undefined,
    failed: () => undefined,
  })
  const { nextOffset } = ground.log
  const offsets = [nextOffset - 2, nextOffset - 1]
  const { asked: rows } = await askAgain(ground.lake, version, { offsets, stream: createEventReader(visits), answers })
  const { outcomes, faults } = scoreRows(rows, ground.clock)
  expect([...outcomes.scores]).toEqual([Number.NaN, expect.any(Number)])
  expect([...faults.keys()]).toEqual([0])
})

test('while nothing serves, or it is paused, events wait in the log, and a restart goes on where it stopped', async () => {
  await using ground = await createGround()
  ground.served = undefined
  const first = ground.begin()
  await ground.ingest.ingest('visits', told(3, 4))
  await first.advance()
  expect([first.behind, await ground.answers()]).toEqual([3, []])
  ground.served = servedVersion(1, 5)
  first.pause()
  await ground.ingest.ingest('visits', told(2, 7))
  await first.advance()
  expect([first.behind, first.waitingSince, await ground.answers()]).toEqual([5, NOON, []])
  await first.stop()
  await ground.log.drained()
  const second = ground.begin({ mostReadBack: 2 })
  expect(second.behind).toBe(5)
  await ground.ingest.ingest('visits', told(2, 9))
  await second.advance()
  expect((await ground.answers()).map(([event]) => event)).toEqual(
    ['V4', 'V5', 'V6', 'V7', 'V8', 'V9', 'V10'].map((name) => expect.stringContaining(name)),
  )
  expect(second.position).toMatchObject({ received: 7, scored: 7 })
  expect(second.behind).toBe(0)
})

test('what comes while a part is on its way to the log is not answered with it again', async () => {
  await using ground = await createGround()
  const scorer = ground.begin()
  const turns: Promise<void>[] = []
  for (let number = 0; number < 60; number += 1) {
    ground.ingest.take('visits', [visit(number)])
    turns.push(scorer.advance())
    if (number % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(turns)
  const events = (await ground.answers()).map(([event]) => event)
  expect(new Set(events).size).toBe(60)
  expect(events).toHaveLength(60)
})

test('what is read back together is scored and committed in parts: the same answers as live, and each once after a break', async () => {
  const rows: object[] = told(2500).map((row, index) => ({ ...row, visit: `W${index}`, pages: 1 + (index % 9) }))
  // What asks nothing counts with the part that it lies in, before its end or behind it.
  rows.splice(1023, 0, { ...rows[3], note: 'corrected', _revision: 1 })
  rows.splice(1025, 0, { ...rows[4], note: 'corrected', _revision: 1 })
  const scored = async (readsBack: boolean) => {
    await using ground = await createGround()
    const received: number[] = []
    const { log } = ground
    const commit = log.commitConsumed.bind(log)
    let scorer: StreamScorer
    log.commitConsumed = (batch) => {
      received.push(batch.counts.received)
      if (received.length === 2) void scorer.stop()
      return commit(batch)
    }
    scorer = ground.begin({ mostBytes: readsBack ? 0 : 2 ** 26 })
    await ground.ingest.ingest('visits', rows)
    await scorer.advance()
    await log.drained()
    scorer = ground.begin(readsBack ? {} : { mostBytes: 0 })
    await scorer.advance()
    await log.drained()
    const answers = log.readTail('buys_predictions', 0, log.nextOffset, 5000).map(({ row }) => {
      const { event, score, decision } = JSON.parse(row)
      return [event, score, decision]
    })
    return { answers, received, position: { ...scorer.position, offset: 0 }, logged: await logged(ground) }
  }
  const [live, back] = [await scored(false), await scored(true)]
  expect(back.received).toEqual([1025, 1025, 452])
  expect(live.answers).toHaveLength(2500)
  expect(back.answers).toEqual(live.answers)
  expect(back.position).toEqual(live.position)
  expect(back.logged).toEqual(live.logged)
  expect(back.position).toMatchObject({ received: 2502, scored: 2500, passed: 2 })
})

async function logged({ log }: Ground): Promise<string[]> {
  const found: string[] = []
  for await (const { rows } of log.scanPredictions({})) for (const row of rows) found.push(JSON.parse(row).visit)
  return found
}

test('stretches are read back while those before are scored, and asked again of a version that serves since', async () => {
  await using ground = await createGround()
  let reads = 0
  const history: Lake['history'] = async (streams) => {
    reads += 1
    // While it is read ahead another version begins to serve.
    if (reads === 3) ground.served = servedVersion(2, 50)
    if (reads === 5) throw new Error('the disk had a moment')
    return await ground.lake.history(streams)
  }
  const scorer = ground.begin({ mostBytes: 0, mostReadBack: 2, lake: { ...ground.lake, history } })
  await ground.ingest.ingest('visits', told(7, 1))
  await scorer.advance()
  expect(scorer.failure?.message).toContain('the disk had a moment')
  await scorer.advance()
  const found = await ground.answers()
  expect(found.map(([event]) => event)).toEqual(told(7, 1).map((row) => expect.stringContaining(row.visit as string)))
  expect([...new Set(found.map(([, , , version]) => version))]).toEqual([1, 2])
  expect(scorer.position).toMatchObject({ received: 7, scored: 7 })
  expect([scorer.behind, scorer.failure]).toEqual([0, undefined])
})
