import { killStreams } from '../faults/kill-streams.ts'
import type { EngineSuite } from './suite.ts'

/** Enough of them to meet each step between an event and its answer. */
const KILLS = 50

/** Streams scored in processes of their own, which are killed: too long for `npm test`, which takes a few of them. */
export const killedStreamSuite: EngineSuite = {
  name: 'killed stream',
  run: (check) =>
    check(`a stream that is killed ${KILLS} times while it is scored is answered as one that never was`, () =>
      killStreams(KILLS),
    ),
}
