import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seededRandom } from '../../src/core/random.ts'
import { DAY, HOUR } from '../../src/core/time.ts'
import { byTime, col, count, entity, features, gbdt, label, model, req, request, stream, t } from '../../src/index.ts'
import { collectProject } from '../../src/language/define/collect-project.ts'
import { csvOf, importShop, makeHistory, NOW, openShop, START, temporaryFolder } from './shop-fixture.ts'

test('the rows of the shop tell nothing that its model could not know', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    await importShop(platform, folder.path, makeHistory())
    const { verdict, findings, rows } = await platform.checkDataset('sent_back')
    expect([verdict, findings]).toEqual(['pass', []])
    expect(rows).toBeGreaterThan(900)
  } finally {
    await platform.close()
  }
})

/** Loans as somebody might export them when all is over: with what became of each in its own row. */
const loans = stream('loans', {
  ...{ key: 'loan', time: 'asked_at', corrections: { within: '60d' } },
  knownAt: { column: 'exported_at' },
  schema: {
    ...{
      loan: t.string(),
      branch: t.string(),
      amount: t.number(),
      asked_at: t.timestamp(),
      exported_at: t.timestamp(),
    },
    ...{ overdue: t.number({ nullable: true }), closed_at: t.timestamp({ nullable: true }) },
  },
})
const defaults = stream('defaults', {
  ...{ key: 'loan', time: 'at' },
  schema: { loan: t.string(), branch: t.string(), bad: t.bool(), at: t.timestamp() },
})
const branch = entity('branch', { branch: t.string() })
const branchDefaults = features('branch_defaults', {
  ...{ entity: branch, from: defaults, select: { bad_3d: count().where(col('bad')).over('3d') } },
})
const timing = request('timing', { closing_hour: req('closed_at').hour('UTC') })
const project = collectProject([
  model('goes_bad', {
    ...{ predicts: 'whether a loan goes bad', at: loans, time: 'asked_at' },
    features: [branchDefaults, timing, loans.pick('amount', 'overdue')],
    label: label(defaults, col('bad')).on('loan').within('2d').absent('exclude'),
    split: byTime({ train: '9d', validate: '3d', test: '3d' }),
    trainer: gbdt({ trees: 5, depth: 2, seed: 1 }),
  }),
])

function exportedLoans() {
  const random = seededRandom(3)
  return Array.from({ length: 1400 }, (_, index) => {
    const askedAt = START + Math.floor((index * (20 * DAY - 2 * HOUR)) / 1400)
    const isBad = random.next() < 0.3
    // Of the last days nobody knows yet how it goes.
    const isOpen = askedAt > NOW - 2 * DAY
    return {
      ...{ loan: `L${index}`, branch: `B${index % 5}`, amount: Math.floor(random.next() * 900), asked_at: askedAt },
      exported_at: askedAt + HOUR,
      overdue: isOpen ? null : isBad ? 30 + Math.floor(random.next() * 60) : Math.floor(random.next() * 5),
      closed_at: isOpen ? null : askedAt + DAY,
      bad: isBad,
    }
  })
}

test('an export of how all ended is found out in each way that it tells', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path, project })
  try {
    const made = exportedLoans()
    const files = {
      loans: made.map(({ bad, ...loan }) => loan),
      // Written down at the time of the question, as if it were known then.
      defaults: made.map(({ loan, branch: at, bad, asked_at }) => ({ loan, branch: at, bad, at: asked_at })),
    }
    for (const [name, rows] of Object.entries(files)) {
      const path = join(folder.path, `${name}.csv`)
      await writeFile(path, csvOf(rows))
      expect(await platform.importHistory(name, path)).toMatchObject({ accepted: 1400, rejected: 0 })
    }
    const { verdict, findings } = await platform.checkDataset('goes_bad')
    expect(verdict).toBe('fail')
    const told = findings.map(({ severity, code, input }) => [severity, code, input])
    expect(told).toEqual([
      ['fail', 'knows_too_much', 'overdue'],
      ['fail', 'known_after', undefined],
      ['fail', 'outcome_at_once', undefined],
      ['fail', 'filled_later', 'timing.closing_hour'],
      ['fail', 'filled_later', 'overdue'],
      ['warn', 'future_timestamp', 'timing.closing_hour'],
    ])
    const late = findings.find(({ code }) => code === 'known_after')!
    expect(late.ids).toHaveLength(5)
    expect(late.ids[0]).toMatch(/L\d+/)
    await expect(platform.train('goes_bad', { name: 'ann' })).rejects.toMatchObject({
      ...{ code: 'leak_found', path: 'overdue', message: expect.stringMatching(/See the rows L\d+[;,.]/) },
    })
  } finally {
    await platform.close()
  }
})
