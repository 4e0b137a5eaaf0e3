import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { BLOCK_ROWS, type NewPrediction, PredictionBlock, parsePredictionId, predictionId } from './prediction-block.ts'
import { decodePredictions, encodePredictions, predictionAt } from './prediction-codec.ts'
import { openLog } from './sqlite-event-log.ts'

const START = 1_000_000_000_000_000
const layout = {
  model: 'late_flight',
  version: 3,
  digest: 'sha256:abc',
  features: ['origin.mean', 'hour'],
  groups: ['origin', 'destination', 'route'],
}

function prediction(index: number, more: Partial<NewPrediction> = {}): NewPrediction {
  return {
    t: START + index,
    servedAt: START + index + 7,
    mode: 'http',
    row: JSON.stringify({ flight: `é${index}` }),
    values: Float64Array.of(index / 3, Number.NaN),
    statuses: Uint8Array.of(3, 2),
    generations: [0, 1, 2],
    partitions: [5, 63, 0],
    offsets: [index, -1, 2 ** 50],
    score: index / 7,
    decision: index % 2 === 0 ? 'rebook' : undefined,
    decidedBy: index % 4 === 0 ? 'rule' : undefined,
    latency: 1234,
    ...more,
  }
}

test('a prediction is read back by its id, bit for bit', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'trueline-log-'))
  const path = join(directory.path, 'log.db')
  const log = await openLog(path, { clock: virtualClock(START) })
  const block = log.createPredictionBlock(layout)
  const ids = Array.from({ length: 100 }, (_, index) => block.add(prediction(index)))
  expect(() => log.readPrediction(ids[0]!)).toThrow(expect.objectContaining({ code: 'unknown_prediction' }))
  await log.durable(log.appendPredictions(block))
  const { decision: none, cut, ...rest } = log.readPrediction(ids[33]!)
  expect(none).toBeUndefined()
  expect(cut[2]).toEqual({ group: 'route', generation: 2, partition: 0, offset: 2 ** 50 })
  expect(rest).toMatchObject({
    id: ids[33],
    layout,
    t: START + 33,
    row: '{"flight":"é33"}',
    score: 33 / 7,
    mode: 'http',
  })
  expect(rest.values).toEqual(Float64Array.of(11, Number.NaN))
  expect(rest.statuses).toEqual(Uint8Array.of(3, 2))
  expect(log.readPrediction(ids[2]!)).toMatchObject({ decision: 'rebook' })
  expect(log.readPrediction(ids[2]!)).not.toHaveProperty('decidedBy')
  expect(log.readPrediction(ids[4]!)).toMatchObject({ decision: 'rebook', decidedBy: 'rule' })
  for (const id of ['', 'p', 'p0', `${ids[0]}x`, predictionId(block.number, 100), predictionId(block.number + 1, 0)])
    expect(() => log.readPrediction(id)).toThrow(expect.objectContaining({ code: 'unknown_prediction' }))
  await log.close()
})

test('an id that was given out is never given again, even when its block was lost', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'trueline-log-'))
  const path = join(directory.path, 'log.db')
  const clock = virtualClock(START)
  const given = new Set<string>()
  for (let run = 0; run < 3; run += 1) {
    const log = await openLog(path, { clock })
    for (let count = 0; count < 5000; count += 1) {
      const id = log.createPredictionBlock(layout).add(prediction(0))
      expect(given.has(id)).toBe(false)
      given.add(id)
    }
    await log.close()
  }
})

test('a scan gives the blocks of a model that overlap the range', async () => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'trueline-log-'))
  const log = await openLog(join(directory.path, 'log.db'), { clock: virtualClock(START) })
  for (const model of ['a', 'b']) {
    for (const start of [0, 100, 200]) {
      const block = log.createPredictionBlock({ ...layout, model })
      for (let index = start; index < start + 10; index += 1) block.add(prediction(index))
      log.appendPredictions(block)
    }
  }
  await log.drained()
  const firsts = async (filter: Parameters<typeof log.scanPredictions>[0]) => {
    const found: (string | number)[][] = []
    for await (const block of log.scanPredictions(filter)) found.push([block.layout.model, block.t[0]! - START])
    return found
  }
  expect(await firsts({})).toHaveLength(6)
  expect(await firsts({ model: 'a', from: START + 109, to: START + 200 })).toEqual([['a', 100]])
  expect(await firsts({ model: 'b', by: 'servedAt', from: START + 117 })).toEqual([['b', 200]])
  expect(await firsts({ model: 'b', from: START + 112 })).toEqual([['b', 200]])
  expect((await firsts({ model: 'b', by: 'either', from: START + 112 })).map(([, first]) => first)).toEqual([100, 200])
  await log.close()
})

test('a block takes a bounded number of predictions, and none once it is sealed', () => {
  expect(parsePredictionId(predictionId(123_456, 7))).toEqual({ block: 123_456, index: 7 })
  expect(parsePredictionId(predictionId(0, 0))).toEqual({ block: 0, index: 0 })
  for (const other of ['p2n9c-07', 'p02n9c-7', 'p2n9c-00', 'p00-0', 'P2n9c-7'])
    expect(parsePredictionId(other)).toBeUndefined()
  expect(() => decodePredictions(1, Uint8Array.of(1, 2, 3))).toThrow(
    expect.objectContaining({ code: 'directory_damaged' }),
  )
  expect(BLOCK_ROWS).toBe(4096)
})

test('a block is full when it holds as many different texts as a byte can tell', () => {
  const block = new PredictionBlock(1, layout)
  let added = 0
  while (!block.full) block.add(prediction(added, { decidedBy: `override ${added++}` }))
  expect(added).toBe(251)
  const decoded = decodePredictions(1, encodePredictions(block.seal()))
  expect([decoded.mode(250), decoded.decision(250), decoded.decidedBy(250)]).toEqual(['http', 'rebook', 'override 250'])
})

/** Five predictions as they were stored then, block 7. */
const blockOfFormat1 = [
  'KLUv/WDPAd0KADYSQjZgi9IBQEHYuOIDlHFscAEggNDAxpVB5N62Ce3dJLbqq/U+wXtcOLGyWvuqE2MjJDY2nAjiHjIvADAANwDz',
  '2h7fG7Vq55ASr9m6XRpx+L6sinkeaE/s8Rjt2Oyh+ObsxMQOJfE9s2s9DzHzRZvT5uw9vGZrT632RjuHB3H2WoebX85eh9cmzQ60',
  'atVr7xC/0cv1pJ7DQ3BmTLBMAiw3StmolI1KkiQxMhFRJiJi5gaGhYtCAQHkgRn4nAwq3G3+sZZD7+FB3VdL0D60xF9taRQ77ALd',
  'K5SJRKA7QkXG40NSSllVVVW9996jKIqiHj9+D4CZOYCEgViYII8LSxMzRcdJmjg0UkPDHCkgMAMiTmOIQA4QRuhELCk3sjKYa0kk',
  'uenhIQSOP5yZLAx8YAy4GEETODL7aDvFtQELQbx4LJ+NceuN+WY2Sz6ZySJfM1vkDrclTKLowyBR',
].join('')

test('a block that was written before it said what decided is read as it is', () => {
  const decoded = decodePredictions(7, Buffer.from(blockOfFormat1, 'base64'))
  expect(predictionAt(decoded, 3)).toMatchObject({ id: 'p7-3', row: '{"flight":"é3"}', score: 3 / 7, mode: 'http' })
  expect(predictionAt(decoded, 2)).toMatchObject({ decision: 'rebook', statuses: Uint8Array.of(3, 2) })
  expect(predictionAt(decoded, 2)).not.toHaveProperty('decidedBy')
})

test('a block of long rows is full sooner', () => {
  const block = new PredictionBlock(1, layout)
  const row = JSON.stringify({ note: 'x'.repeat(2 ** 20) })
  let added = 0
  for (; !block.full; added += 1) block.add(prediction(added, { row }))
  expect(added).toBe(4)
  const decoded = decodePredictions(1, encodePredictions(block.seal()))
  expect(decoded.rows).toEqual(Array(4).fill(row))
})

test('the probabilities of classes are read back beside the score, bit for bit', () => {
  const classes = ['late', 'damaged', 'fine']
  const block = new PredictionBlock(1, { ...layout, classes })
  const of = (index: number) => Float64Array.of(1 / (index + 2), 1 - 1 / (index + 2), Number.MIN_VALUE)
  const cells = Array.from({ length: 40 }, (_, index) => prediction(index, { probabilities: of(index) }))
  for (const cell of cells) block.add(cell)
  const decoded = decodePredictions(1, encodePredictions(block.seal()))
  expect(decoded.layout.classes).toEqual(classes)
  for (const [index, { score, offsets }] of cells.entries()) {
    const read = predictionAt(decoded, index)
    expect(read).toMatchObject({ score, probabilities: of(index) })
    expect(read.cut.map(({ offset }) => offset)).toEqual(offsets)
  }
})
