import { test } from 'vitest'
import { readFilesThroughKills } from './kill-sources.ts'

// Tables are read through kills by `npm run test:engines`.
test(
  'a folder of files is read through kills without loss or double count',
  { timeout: 180_000 },
  readFilesThroughKills,
)
