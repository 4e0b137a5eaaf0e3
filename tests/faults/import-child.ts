import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { importFile } from '../../src/data/sources/import-file.ts'
import { openTrips, trips, tripsFile } from './trips.ts'

// The process that is killed: imports one file, says when it begins and when it is done, and waits for its end.
const [folder, number] = process.argv.slice(2) as [string, string]
const { log, lake } = await openTrips(folder)
// One that is killed keeps nothing at its end for those after it.
flushCompileCache()
writeSync(1, 'begins\n')
const path = tripsFile(folder, Number(number))
await importFile({ stream: trips, path, log, lake, onImported: () => {} })
writeSync(1, 'done\n')
await setTimeout(60_000)
