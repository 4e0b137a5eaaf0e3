import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAfterBaseline, killTrainings } from '../faults/kill-trainings.ts'
import type { EngineSuite } from './suite.ts'

/** Enough of them to meet each step of a training. */
const KILLS = 30

/** Trainings whose platform or process is killed: too long for `npm test`, which kills one of each. */
export const killedTrainingSuite: EngineSuite = {
  name: 'killed training',
  async run(check) {
    await check(`trainings that are killed ${KILLS} times end as the same version, once`, async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-killed-training-'))
      await killTrainings(folder.path, KILLS)
    })
    await check(
      'a full model whose platform is killed when its baseline has ended is trained nevertheless',
      async () => {
        await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-killed-training-'))
        await killAfterBaseline(folder.path)
      },
    )
  },
}
