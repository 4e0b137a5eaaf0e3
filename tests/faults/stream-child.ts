import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { openClicks } from './scored-clicks.ts'

// The process that is killed: goes on sending calls and scoring them, up to a last one.
const [folder, calls] = process.argv.slice(2) as [string, string]
const { send, next, scorer } = await openClicks(folder)
// One that is killed keeps nothing at its end for those after it.
flushCompileCache()
writeSync(1, 'begins\n')
for (let number = next(); number < Number(calls); number += 1) await send(number)
await scorer.advance()
await setTimeout(60_000)
