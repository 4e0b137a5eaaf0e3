import { expect, test } from 'vitest'
import { EvenSample } from './even-sample.ts'
import { layout, logged, open, START, temporary } from './predictions.fixture.ts'

test('a sample is spread evenly over those that are meant, wherever they lie, and the same when some have moved', async () => {
  await using folder = await temporary()
  await using stores = await open(folder.path, { moveRows: 100 })
  const { log, predictions } = stores
  const meant: string[] = []
  for (let start = 0; start < 600; start += 60) {
    meant.push(...(await logged(log, start, start + 40)))
    await logged(log, start + 40, start + 60, layout(), { mode: start % 120 === 0 ? 'infer' : 'loadtest' })
  }
  const filter = { model: 'late_flight', from: START + 25, to: START + 595 }
  const inRange = meant.slice(25)
  const evenly = inRange.filter((_, index) => {
    const taken = (count: number): number => Math.floor((count * 31) / inRange.length)
    return taken(index + 1) > taken(index)
  })
  const sampled = async (wanted: number): Promise<string[]> => {
    const ids: string[] = []
    const without = ['infer', 'loadtest']
    for await (const batch of predictions.sample({ ...filter, without }, new EvenSample(inRange.length, wanted)))
      for (let index = 0; index < batch.length; index += 1) {
        ids.push(batch.id(index))
        if (ids.length % 25 !== 1) continue
        const one = await predictions.read(batch.id(index))
        expect(batch.values.map((column) => column[index])).toEqual([...one.values])
        expect([batch.rows[index], batch.mode(index), batch.decision(index)]).toEqual([one.row, one.mode, one.decision])
      }
    return ids
  }
  const counts = { http: 375, infer: 100, loadtest: 95 }
  for (const moves of [false, true, false]) {
    if (moves) expect(await predictions.move()).toBe(600)
    expect(Object.fromEntries(await predictions.count(filter))).toEqual(counts)
    expect(await sampled(31)).toEqual(evenly)
    expect(await sampled(1000)).toEqual(inRange)
  }
  meant.push(...(await logged(log, 600, 640)))
  const both = { ...filter, to: START + 640 }
  const all: string[] = []
  for await (const batch of predictions.sample({ ...both, without: ['infer', 'loadtest'] }, new EvenSample(415, 415)))
    for (let index = 0; index < batch.length; index += 1) all.push(batch.id(index))
  expect(all).toEqual(meant.slice(25))
})
