import { readTableThroughKills, waysOfTables } from '../sources/kill-sources.ts'
import type { EngineSuite } from './suite.ts'

/** Sources that are read by processes which are killed. */
export const killedSourceSuite: EngineSuite = {
  name: 'killed source',
  async run(check) {
    for (const way of waysOfTables)
      await check(`a table that changes is read through kills by ${way}`, () => readTableThroughKills(way))
  },
}
