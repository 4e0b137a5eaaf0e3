import process from 'node:process'
import { test } from 'vitest'
import { killImports } from './kill-imports.ts'

/** More of them are a suite of `npm run test:engines`. */
const KILLS = Number(process.env['TRUELINE_KILLS'] ?? 8)

test(`an import that is killed ${KILLS} times ends as one that never was`, { timeout: 300_000 }, () =>
  killImports(KILLS),
)
