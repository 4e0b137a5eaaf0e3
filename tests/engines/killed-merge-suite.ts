import { killMerges } from '../faults/kill-merges.ts'
import type { EngineSuite } from './suite.ts'

const KILLS = 15

/** Merges of small files of a history, in processes that are killed. */
export const killedMergeSuite: EngineSuite = {
  name: 'killed merge',
  run: (check) => check(`a merge that is killed ${KILLS} times loses no row and doubles none`, () => killMerges(KILLS)),
}
