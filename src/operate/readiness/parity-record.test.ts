import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { DAY, HOUR } from '../../core/time.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { keepParity, readParity } from './parity-record.ts'

const START = 11_323 * DAY

test('a mismatch is not forgotten before a day has gone by without another', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-parity-'))
  const metadata = await openMetadata(join(folder.path, 'meta.db'), { clock: virtualClock(START) })
  try {
    const audit = async (hours: number, mismatches: number) => {
      await keepParity(metadata, 'late', { at: START + hours * HOUR, checked: 10, mismatches })
      return await readParity(metadata, 'late')
    }
    expect(await readParity(metadata, 'late')).toBeUndefined()
    expect(await audit(0, 0)).toEqual({ since: START, at: START, checked: 10, mismatches: 0 })
    await audit(23, 2)
    // The day that began with the first audit is over, and the mismatch two hours old.
    const kept = { since: START, failedAt: START + 23 * HOUR, mismatches: 2 }
    expect(await audit(25, 0)).toEqual({ ...kept, at: START + 25 * HOUR, checked: 30 })
    expect(await audit(46, 0)).toMatchObject({ ...kept, checked: 40 })
    const later = START + 47 * HOUR
    expect(await audit(47, 0)).toEqual({ since: later, at: later, checked: 10, mismatches: 0 })
  } finally {
    await metadata.close()
  }
})
