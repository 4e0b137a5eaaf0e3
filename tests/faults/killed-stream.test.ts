import process from 'node:process'
import { test } from 'vitest'
import { killStreams } from './kill-streams.ts'

/** More of them are a suite of `npm run test:engines`. */
const KILLS = Number(process.env['TRUELINE_KILLS'] ?? 2)

test(
  'a stream that is killed again and again while it is scored is answered as one that never was',
  {
    timeout: 300_000,
  },
  () => killStreams(KILLS),
)
