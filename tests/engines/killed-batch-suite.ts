import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killBatches, shopToKill } from '../faults/kill-batches.ts'
import type { EngineSuite } from './suite.ts'

/** Enough of them to meet each step of a scoring. */
const KILLS = 50

/** Scorings in processes of their own, which are killed: too long for `npm test`, which takes a few of them. */
export const killedBatchSuite: EngineSuite = {
  name: 'killed batch',
  run: (check) =>
    check(`a scoring that is killed ${KILLS} times ends as one that never was`, async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-killed-batch-'))
      await killBatches(await shopToKill(folder.path), folder.path, KILLS)
    }),
}
