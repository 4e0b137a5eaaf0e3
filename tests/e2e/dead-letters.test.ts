import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/core/time.ts'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'
import { shopConfig } from './running-platform.ts'
import { csvOf, makeHistory, NOW, type Order, openShop, shop, temporaryFolder } from './shop-fixture.ts'
import { trueline } from './trueline.ts'

const ada = { name: 'ada' }
const order = { order: 'L1', customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: NOW }
/** Of a stream without sensitive columns. */
const refunded = { order: 'L1', customer: 'C1', product: 'P1', refund: 9, line: 1, returned_at: NOW }

const conservationOf = (platform: OwnedPlatform, stream: string) => {
  const { received, accepted, duplicates, rejected, mended } = platform.parts.log.conservation(stream)
  expect(received).toBe(accepted + duplicates + rejected)
  return { received, accepted, duplicates, rejected, mended }
}

test('rows are fixed by a formula: told first, then done, and done again it changes nothing', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const rows = ['1', ' 2 ', '3', 4].map((refund, line) => ({ ...refunded, line, refund }))
    await platform.ingest('returns', rows)
    const fix = { stream: 'returns', code: 'wrong_type', set: ['refund = number(trim(refund))'] }

    const told = await platform.fixDeadLetters(fix, ada)
    expect(told).toMatchObject({ applied: false, matched: 3, accepted: 3, duplicates: 0, rejected: 0 })
    expect(told.examples[1]).toMatchObject({
      ...{ letter: 2, outcome: 'accepted', before: expect.stringContaining('" 2 "') },
      after: expect.stringContaining('"refund":2'),
    })
    expect(conservationOf(platform, 'returns')).toMatchObject({ accepted: 1, rejected: 3, mended: 0 })
    expect((await platform.deadLetter(2)).history).toEqual([])
    // A column that is misspelt is set in no row; one that is left out again may have any name.
    const misspelt = { ...fix, set: ['refnd = 2'] }
    for (const apply of [false, true])
      await expect(platform.fixDeadLetters({ ...misspelt, apply }, ada)).rejects.toMatchObject({
        ...{ code: 'unknown_column', path: 'refnd', message: "There is no column 'refnd'. Did you mean 'refund'?" },
      })
    const helped = { ...fix, set: ['plain = trim(refund)', 'refund = number(plain)', '_revision = 0'], drop: ['plain'] }
    expect(await platform.fixDeadLetters(helped, ada)).toMatchObject({ accepted: 3 })

    expect(await platform.fixDeadLetters({ ...fix, apply: true }, ada)).toEqual({ ...told, applied: true })
    const mended = { received: 4, accepted: 4, duplicates: 0, rejected: 0, mended: 3 }
    expect(conservationOf(platform, 'returns')).toEqual(mended)
    expect(await platform.fixDeadLetters({ ...fix, apply: true }, ada)).toMatchObject({ matched: 0, accepted: 0 })
    await expect(platform.fixDeadLetters({ letter: 2, apply: true }, ada)).rejects.toMatchObject({
      code: 'dead_letter_settled',
    })
    expect(conservationOf(platform, 'returns')).toEqual(mended)
    expect(await platform.deadLetter(2)).toMatchObject({
      state: 'fixed',
      attempts: 1,
      history: [{ by: 'ada', outcome: 'accepted', how: 'refund = number(trim(refund))' }],
    })
    expect((await platform.deadLetters({ state: 'open' })).total).toBe(0)
    const [reading] = await platform.featureVector('product_returns', { product: 'P1' }, NOW + 1)
    expect(reading).toMatchObject({ name: 'large_share_3d' })
  } finally {
    await platform.close()
  }
})

test('what is rejected again stays one letter, with each attempt; what is there already is a duplicate', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    await platform.ingest('returns', [
      { ...refunded, refund: -1 },
      { ...refunded, refund: '9' },
      { ...refunded, line: 'x' },
    ])
    const again = { stream: 'returns', apply: true }
    expect(await platform.fixDeadLetters(again, ada)).toMatchObject({
      ...{ matched: 3, accepted: 0, rejected: 3, codes: { out_of_range: 1, wrong_type: 2 } },
    })
    await platform.fixDeadLetters({ ...again, set: ['refund = 5000'] }, ada)
    expect((await platform.deadLetters({})).total).toBe(3)
    expect(await platform.deadLetter(1)).toMatchObject({
      ...{ state: 'open', code: 'out_of_range', attempts: 2 },
      history: [{ code: 'out_of_range' }, { code: 'out_of_range', how: 'refund = 5000' }],
    })
    // The producer has mended its row and sent it itself.
    await platform.ingest('returns', [refunded])
    const fixed = await platform.fixDeadLetters({ letter: 2, set: ['refund = number(refund)'], apply: true }, ada)
    expect(fixed).toMatchObject({ matched: 1, duplicates: 1 })
    expect(
      await platform.fixDeadLetters({ letter: 3, row: { ...refunded, line: 1, refund: 8 }, apply: true }, ada),
    ).toMatchObject({
      ...{ rejected: 1, codes: { revision_conflict: 1 } },
    })
    await platform.discardDeadLetters({ letter: 3 }, ada, 'A row of a test.')
    expect(await platform.deadLetter(3)).toMatchObject({
      ...{ state: 'discarded', history: [{}, {}, {}, { outcome: 'discarded', reason: 'A row of a test.' }] },
    })
    expect(conservationOf(platform, 'returns')).toEqual({
      ...{ received: 4, accepted: 1, duplicates: 1, rejected: 2, mended: 1 },
    })
  } finally {
    await platform.close()
  }
})

test('a row is replayed as it is once what refused it has changed', async () => {
  await using folder = await temporaryFolder()
  const { platform, clock } = await openShop({ folder: folder.path })
  await platform.ingest('returns', [
    { ...refunded, returned_at: NOW + HOUR },
    { ...refunded, refund: 2000, line: 2 },
  ])
  expect(await platform.deadLetter(1)).toMatchObject({ code: 'event_in_future' })
  clock.advanceTo(NOW + HOUR)
  expect(await platform.deadLetter(1)).toMatchObject({ remedy: expect.stringContaining('replay it') })
  expect(await platform.fixDeadLetters({ letter: 1, apply: true }, ada)).toMatchObject({ accepted: 1 })
  expect(await platform.deadLetter(1)).toMatchObject({ state: 'replayed', history: [{ outcome: 'accepted' }] })
  await platform.close()

  // A schema that allows more, and a stream that is no longer there.
  const { returns } = shop.streams
  const refund = { ...returns!.schema['refund']!, max: 5000 }
  const wider = {
    ...shop,
    streams: { ...shop.streams, returns: { ...returns!, schema: { ...returns!.schema, refund } } },
  }
  const again = await openShop({ folder: folder.path, project: wider, now: NOW + HOUR, apply: true })
  await again.platform.ingest('returns', [{ ...refunded, refund: 9000, line: 3 }])
  const replayed = await again.platform.fixDeadLetters({ stream: 'returns', apply: true }, ada)
  expect(replayed).toMatchObject({ matched: 2, accepted: 1, codes: { out_of_range: 1 } })
  await again.platform.close()
  const empty = { ...shop, streams: { orders: shop.streams['orders']! }, features: {}, models: {}, requests: {} }
  const gone = await openShop({ folder: folder.path, project: empty, now: NOW + HOUR, apply: true })
  expect(await gone.platform.deadLetter(3)).toMatchObject({ remedy: expect.stringContaining('no longer defined') })
  const tried = await gone.platform.fixDeadLetters({ letter: 3, set: ['refund = 1'], apply: true }, ada)
  expect(tried).toMatchObject({ rejected: 1, codes: { unknown_stream: 1 } })
  expect(await gone.platform.discardDeadLetters({ letter: 3 }, ada, 'Its stream is gone.')).toEqual({ discarded: 1 })
  await gone.platform.close()
})

test('a row that was masked is tried again only by hand', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    await platform.ingest('orders', [{ ...order, amount: '20', card: '4000-1' }])
    const [letter] = (await platform.deadLetters({})).rows
    expect(letter).toMatchObject({ partial: true, row: expect.not.stringContaining('4000-1') })
    const set = ['amount = number(amount)']
    expect(await platform.fixDeadLetters({ stream: 'orders', set, apply: true }, ada)).toMatchObject({
      ...{ matched: 1, accepted: 0, incomplete: 1 },
    })
    await expect(platform.fixDeadLetters({ letter: 1, set }, ada)).rejects.toMatchObject({
      ...{ code: 'dead_letter_incomplete', remedy: expect.stringContaining('by hand') },
    })
    const row = { ...order, card: '4000-1' }
    expect(await platform.fixDeadLetters({ letter: 1, row, apply: true }, ada)).toMatchObject({ accepted: 1 })
    const shown = JSON.stringify(await platform.deadLetter(1))
    expect(shown).toContain('by hand')
    expect(shown).not.toContain('4000-1')
  } finally {
    await platform.close()
  }
})

test('what is not said, unknown or settled is refused by code', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    await platform.ingest('returns', [{ ...refunded, refund: 'x' }])
    const refusal = (fix: Parameters<typeof platform.fixDeadLetters>[0]) => platform.fixDeadLetters(fix, ada)
    await expect(refusal({})).rejects.toMatchObject({ code: 'invalid_arguments' })
    await expect(refusal({ stream: 'return' })).rejects.toMatchObject({ code: 'unknown_stream' })
    await expect(refusal({ letter: 7 })).rejects.toMatchObject({ code: 'unknown_dead_letter' })
    await expect(refusal({ stream: 'returns', row: {} })).rejects.toMatchObject({ code: 'invalid_arguments' })
    await expect(refusal({ letter: 1, set: ['refund = eval(1)'] })).rejects.toMatchObject({ code: 'formula_invalid' })
    expect(await refusal({ letter: 1, set: ['refund = refnd'] })).toMatchObject({ codes: { unknown_column: 1 } })
    expect(await platform.deadLetter(1)).toMatchObject({ state: 'open', mend: { set: ['refund = null'] } })
  } finally {
    await platform.close()
  }
})

test('features are, bit for bit, those of a run in which the rows came right at the moment of their fixing', async () => {
  await using folder = await temporaryFolder()
  const { orders } = makeHistory(NOW - 6 * HOUR, 1)
  const recent = orders.slice(0, 60)
  const brokenRow = ({ card, ...row }: Order) => ({ ...row, amount: 'broken' })
  /** Every third row comes broken, and is right an hour after all others. */
  const run = async (name: string, broken: boolean) => {
    const { platform, clock } = await openShop({ folder: join(folder.path, name), now: NOW - 6 * HOUR })
    const isBroken = (index: number): boolean => index % 3 === 0
    for (const [index, row] of recent.entries()) {
      clock.advanceTo(row.ordered_at + MINUTE)
      if (!isBroken(index)) await platform.ingest('orders', [row])
      else if (broken) await platform.ingest('orders', [brokenRow(row)])
    }
    clock.advanceTo(clock.now() + HOUR)
    const late = recent.filter((_, index) => isBroken(index)).map((row): Order => ({ ...row, amount: 7, card: null }))
    if (broken) {
      const fix = { stream: 'orders', set: ['amount = 7'], apply: true }
      expect(await platform.fixDeadLetters(fix, ada)).toMatchObject({ accepted: late.length, rejected: 0 })
    } else await platform.ingest('orders', late)
    const { mended, ...counts } = conservationOf(platform, 'orders')
    const vectors = []
    for (const customer of new Set(recent.map((row) => row.customer ?? 'nobody')))
      for (const at of [clock.now() + 1, clock.now() - 30 * MINUTE])
        vectors.push(await platform.featureVector('customer_orders', { customer }, at))
    await platform.close()
    return { counts, vectors }
  }
  const clean = await run('clean', false)
  expect(clean.vectors.length).toBeGreaterThan(20)
  expect(await run('mended', true)).toEqual(clean)
})

test('rows that a file of history brought broken become history, known when they would have been', async () => {
  await using folder = await temporaryFolder()
  const rows = makeHistory().returns.filter(({ returned_at }) => returned_at < NOW - 12 * DAY)
  const run = async (name: string, broken: boolean) => {
    const { platform } = await openShop({ folder: join(folder.path, name) })
    const file = join(folder.path, `${name}.csv`)
    const given = rows.map((row, index) =>
      broken && index % 4 === 0 ? { ...row, refund: `${row.refund ?? ''} EUR` } : row,
    )
    await writeFile(file, csvOf(given))
    const { accepted } = await platform.importHistory('returns', file)
    expect(accepted < rows.length).toBe(broken)
    if (broken) {
      const nothing = platform.fixDeadLetters({ stream: 'returns', set: ['refund = 2000'], apply: true }, ada)
      expect(await nothing).toMatchObject({ accepted: 0, codes: { out_of_range: rows.length - accepted } })
      // Where a refund was not known there is no number before the currency.
      const fix = { stream: 'returns', set: ['refund = trim(replace(refund, "EUR", ""))'] }
      const number = 'refund = if(refund = "", null, number(refund))'
      const both = { ...fix, set: [...fix.set, number] }
      const letters = rows.length - accepted
      expect(await platform.fixDeadLetters(both, ada)).toMatchObject({ applied: false, accepted: letters })
      const applied = await platform.fixDeadLetters({ ...both, apply: true }, ada)
      expect(applied).toMatchObject({ matched: letters, accepted: letters, rejected: 0 })
      const again = await platform.importHistory('returns', file)
      expect(again).toMatchObject({ accepted: 0, duplicates: rows.length })
    }
    const { mended, duplicates, received, ...counts } = conservationOf(platform, 'returns')
    const vectors = []
    for (const product of ['P0', 'P1', 'P2', 'P3'])
      for (const at of [NOW - 12 * DAY, NOW - 13 * DAY, NOW - 15 * DAY])
        vectors.push(await platform.featureVector('product_returns', { product }, at))
    await platform.close()
    // After a restart the same.
    const { platform: restarted } = await openShop({ folder: join(folder.path, name) })
    expect(await restarted.featureVector('product_returns', { product: 'P0' }, NOW - 12 * DAY)).toEqual(vectors[0])
    await restarted.close()
    return { counts, vectors }
  }
  const clean = await run('clean', false)
  expect(clean.counts.accepted).toBeGreaterThan(50)
  expect(await run('mended', true)).toEqual(clean)
})

test('a row of history that repeats one is a duplicate, and one that contradicts one stays a letter', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  try {
    const old = { ...refunded, returned_at: NOW - 12 * DAY }
    const file = join(folder.path, 'returns.csv')
    await writeFile(file, csvOf([old, { ...old, refund: 'x' }, { ...old, refund: 'y' }]))
    await platform.importHistory('returns', file)
    const right = await platform.fixDeadLetters({ letter: 1, set: ['refund = 9'], apply: true }, ada)
    expect(right).toMatchObject({ duplicates: 1 })
    const other = await platform.fixDeadLetters({ letter: 2, set: ['refund = 10'], apply: true }, ada)
    expect(other).toMatchObject({ rejected: 1, codes: { revision_conflict: 1 } })
    const corrected = await platform.fixDeadLetters(
      { letter: 2, set: ['refund = 10', '_revision = 1'], apply: true },
      ada,
    )
    expect(corrected).toMatchObject({ accepted: 1 })
    expect((await platform.deadLetters({})).rows.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['fixed', 2],
      ['fixed', 1],
    ])
    expect(conservationOf(platform, 'returns')).toEqual({
      ...{ received: 3, accepted: 2, duplicates: 1, rejected: 0, mended: 2 },
    })
  } finally {
    await platform.close()
  }
})

test('the command line lists, shows, fixes and discards', async () => {
  await using folder = await temporaryFolder()
  const directory = join(folder.path, 'data')
  const run = (...words: string[]) =>
    trueline(...words, '--config', shopConfig, '--directory', directory, '--as', 'ada')
  const soon = new Date().toISOString()
  const rows = ['1', 'x', -1].map((refund, line) => ({ ...refunded, line, refund, returned_at: soon }))
  await writeFile(join(folder.path, 'rows.ndjson'), rows.map((row) => JSON.stringify(row)).join('\n'))
  await run('ingest', 'returns', join(folder.path, 'rows.ndjson'))

  const list = await run('deadletters')
  expect(list.stdout).toContain('returns: 3 received = 0 accepted + 0 duplicates + 3 rejected\n')
  expect(list.stdout).toMatch(/returns +wrong_type +2\nreturns +out_of_range +1/)
  expect(list.stdout).toContain('next: trueline deadletters show 3')
  expect((await run('deadletters', 'show', '1')).stdout).toContain(
    "next: trueline deadletters fix 1 --set 'refund = number(refund)'",
  )
  const told = await run(
    'deadletters',
    'fix',
    '--stream',
    'returns',
    '--code',
    'wrong_type',
    '--set',
    'refund = number(refund)',
  )
  expect(told.stdout).toContain('2 open: 1 would be accepted, 0 duplicates, 1 rejected again')
  expect(told.stdout).toContain('the same with --apply does it')
  expect(await run('deadletters', 'fix', '1', '--set', 'refund = number(refund)', '--apply')).toMatchObject({
    ...{ code: 0, stdout: expect.stringContaining('1 open: 1 accepted') },
  })
  const file = join(folder.path, 'row.json')
  await writeFile(file, JSON.stringify({ ...rows[1], refund: 3 }))
  expect(await run('deadletters', 'fix', '2', '--file', file, '--apply', '--json')).toMatchObject({
    ...{ code: 0, json: { applied: true, accepted: 1 } },
  })
  expect(await run('deadletters', 'replay', '3', '--apply')).toMatchObject({ code: 1 })
  expect((await run('deadletters', 'discard', '3', '--reason', 'Not ours.')).stdout).toContain('1 discarded by ada')
  expect((await run('deadletters', 'show', '3')).stdout).toMatch(
    /rejected by ada.*out_of_range[\s\S]*discarded by ada.*Not ours/,
  )
  expect((await run('deadletters')).stdout).toContain(
    'returns: 3 received = 2 accepted (2 mended) + 0 duplicates + 1 rejected\nNo open dead letter.',
  )
  expect((await run('deadletters', '--state', 'all', '--json')).json.total).toBe(3)
  expect((await run('status')).stdout).toMatch(/returns +3 +2 +0 +1 +2/)
  expect(await run('deadletters', 'fix', '3')).toMatchObject({ code: 1, stderr: expect.stringContaining('--set') })
})
