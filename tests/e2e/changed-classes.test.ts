import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import { byTime, col, gbdt, label, model, stream, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { csvOf, NOW, openShop, START, temporaryFolder, trainAndServe } from './shop-fixture.ts'

const parcels = stream('parcels', {
  ...{ key: 'parcel', time: 'sent_at', ahead: '1h' },
  schema: { parcel: t.string(), weight: t.number(), sent_at: t.timestamp() },
})
const endings = stream('endings', {
  ...{ key: 'parcel', time: 'at' },
  schema: { parcel: t.string({ sensitive: true }), state: t.string(), at: t.timestamp() },
})
const usual = {
  predicts: 'how a parcel ends within a day',
  ...{ at: parcels, time: 'sent_at' as const, features: [parcels.pick('weight')] },
  split: byTime({ train: '10d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 5, depth: 2, seed: 1 }),
  monitor: { minimum: 20 },
}
const isLate = label(endings, col('state').eq('late')).on('parcel').within('1d').absent(false)
const asBinary = collectProject([model('ending', { ...usual, label: isLate })])

/** One of the three, where what never ends is the last one. */
function asClasses(...classes: readonly [string, string, string]) {
  const outcome = label(endings, col('state'), { classes }).on('parcel').within('1d').absent(classes[2])
  return collectProject([model('ending', { ...usual, label: outcome })])
}

test('outcomes are judged by the classes of the project whichever version serves: of two, of several, of others', async () => {
  await using folder = await temporaryFolder()
  const random = seededRandom(5)
  const made = Array.from({ length: ((NOW - START) / DAY + 9) * 36 }, (_, number) => {
    const [sent_at, weight] = [START + number * 40 * MINUTE, random.integer(100)]
    const state = number % 50 === 7 ? 'lost' : random.next() < 0.2 ? 'late' : weight > 60 ? 'damaged' : 'fine'
    return { row: { parcel: `P${number}`, weight, sent_at }, state, at: sent_at + (1 + random.integer(20)) * HOUR }
  })
  const ended = made.flatMap(({ row: { parcel }, state, at }, number) =>
    number % 5 === 0 ? [] : [{ parcel, state, at }],
  )
  const open = (project: ReturnType<typeof asClasses>, now: number) =>
    openShop({ folder: folder.path, project, base: folder.path, now, apply: true })

  let { platform, clock } = await open(asBinary, NOW)
  for (const [name, rows] of [
    ['parcels', made.flatMap(({ row }) => (row.sent_at < NOW ? [row] : []))],
    ['endings', ended.filter(({ at }) => at < NOW)],
  ] as const) {
    const file = join(folder.path, `${name}.csv`)
    await writeFile(file, csvOf(rows))
    await platform.importHistory(name, file)
  }
  await trainAndServe(platform, 'ending')
  await platform.close()

  /** Lets days pass in which all is asked about as it is sent. */
  async function live(days: number): Promise<void> {
    for (const end = clock.now() + days * DAY; clock.now() < end; ) {
      const from = clock.now()
      clock.advanceTo(from + 4 * HOUR)
      const rows = made.flatMap(({ row }) => (row.sent_at >= from && row.sent_at < clock.now() ? [row] : []))
      await platform.predict('ending', rows)
      await platform.ingest(
        'endings',
        ended.filter(({ at }) => at >= from && at < clock.now()),
      )
      await platform.parts.monitors.advance(clock.now())
    }
  }
  const mature = async () =>
    (await platform.modelHealth('ending', { from: NOW, to: clock.now() })).outcome.filter((point) => point.mature)

  ;({ platform, clock } = await open(asClasses('late', 'damaged', 'fine'), NOW))
  const ben = { name: 'ben' }
  const { version } = await platform.train('ending', { name: 'ann' }, {})
  await platform.approve('ending', version, ben, 'For the test.')
  await platform.promote('ending', version, ben, 'Callers know.', { breaking: true })
  await live(4)
  const [first] = await mature()
  expect(first?.labelled).toBeGreaterThan(20)
  for (const point of await mature()) expect(point).toMatchObject({ logLoss: expect.any(Number), n: 36 })
  expect((await platform.fleet()).models[0]!.sentence).toMatch(/log loss/)
  const { rows: letters } = await platform.deadLetters({ code: 'unknown_class' })
  expect(letters.length).toBeGreaterThan(0)
  for (const { row } of letters)
    expect(JSON.parse(row)).toEqual({ id: '***', event_time: expect.any(Number), outcome: 'lost' })
  await platform.close()

  ;({ platform, clock } = await open(asClasses('late', 'damaged', 'arrived'), clock.now()))
  await live(4)
  expect((await mature()).length).toBeGreaterThan(4)
  expect((await platform.fleet()).models[0]).toMatchObject({
    version: 2,
    sentence: expect.not.stringMatching(/judged:/),
  })
  await platform.close()
})
