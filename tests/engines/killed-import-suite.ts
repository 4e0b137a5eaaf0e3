import { killImports } from '../faults/kill-imports.ts'
import type { EngineSuite } from './suite.ts'

/** Enough of them to meet each step of an import. */
const KILLS = 50

/** Imports in processes of their own, which are killed: too long for `npm test`, which takes a few of them. */
export const killedImportSuite: EngineSuite = {
  name: 'killed import',
  run: (check) => check(`an import that is killed ${KILLS} times ends as one that never was`, () => killImports(KILLS)),
}
