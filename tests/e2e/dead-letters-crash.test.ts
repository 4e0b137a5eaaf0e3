import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { seededRandom } from '../../src/core/random.ts'
import { SECOND } from '../../src/core/time.ts'
import { postJson, send } from './http.ts'
import { type RunningPlatform, startPlatform } from './running-platform.ts'
import { temporaryFolder } from './shop-fixture.ts'

const ROWS = 6000
const BROKEN = ROWS / 2
const KILLS = 3
const fix = { as: 'ada', stream: 'returns', set: ['refund = number(refund)'], apply: true }

/** Every other row is broken. */
function rowsFrom(now: number): object[] {
  return Array.from({ length: ROWS }, (_, index) => ({
    ...{ order: `O${index}`, customer: 'C1', product: `P${index % 5}`, line: 1 },
    refund: index % 2 === 0 ? index % 100 : String(index % 100),
    returned_at: now - index * SECOND,
  }))
}

async function countsOf({ url }: RunningPlatform) {
  const { body } = await send(`${url}/api/v1/fleet`)
  const { name, lastEventTime, ...counts } = body.streams.find((one: { name: string }) => one.name === 'returns')
  expect(counts.received).toBe(counts.accepted + counts.duplicates + counts.rejected)
  const open = await send(`${url}/api/v1/deadletters?state=open&limit=1`)
  const fixed = await send(`${url}/api/v1/deadletters?state=fixed&limit=1`)
  // A letter is settled with its row, never without: in any order of events and kills.
  expect({ rejected: counts.rejected, mended: counts.mended }).toEqual({
    rejected: open.body.total,
    mended: fixed.body.total,
  })
  return counts
}

test('kill -9 amid the fixing of dead letters: each row counts once, and what was not done is done by asking again', async () => {
  await using folder = await temporaryFolder()
  const directory = join(folder.path, 'data')
  const random = seededRandom(3)
  const rows = rowsFrom(systemClock().now())
  let platform = await startPlatform(directory)
  for (let from = 0; from < ROWS; from += 500)
    await postJson(`${platform.url}/v1/streams/returns/events`, rows.slice(from, from + 500))
  const before = { received: ROWS, accepted: ROWS - BROKEN, duplicates: 0, rejected: BROKEN, mended: 0 }
  expect(await countsOf(platform)).toEqual(before)

  for (let kill = 0; kill < KILLS; kill += 1) {
    const fixing = postJson(`${platform.url}/api/v1/deadletters/fix`, fix).catch(() => 'broken off')
    await setTimeout(random.integer(150))
    await platform.stop('SIGKILL')
    await fixing
    platform = await startPlatform(directory)
    expect((await countsOf(platform)).received).toBe(ROWS)
  }
  const { body } = await postJson(`${platform.url}/api/v1/deadletters/fix`, fix)
  expect(body).toMatchObject({ rejected: 0, duplicates: 0 })
  expect(await countsOf(platform)).toEqual({ ...before, accepted: ROWS, rejected: 0, mended: BROKEN })
  // Nothing of it is there twice.
  const right = rows.map((row) => ({ ...row, refund: Number((row as { refund: unknown }).refund) }))
  const again = await postJson(`${platform.url}/v1/streams/returns/events`, right)
  expect(again.body).toEqual({ accepted: 0, duplicates: ROWS, rejected: [] })
  const metrics = await send(`${platform.url}/metrics`)
  expect(metrics.text).toContain(`trueline_stream_rows_total{stream="returns",outcome="mended"} ${BROKEN}`)
  expect(await platform.stop('SIGTERM')).toBe(0)
})
