import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { verifyAudit } from '../../governance/audit-verification.ts'
import { openMetadata } from '../../stores/metadata/metadata.ts'
import { failInterruptedRuns, listRuns } from './runs.ts'

/** Starts runs one after another, printing each id once it is promised to be kept. */
function startingRuns(path: string) {
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  const code = `
    const { openMetadata } = await import(${module('../../stores/metadata/metadata.ts')})
    const { systemClock } = await import(${module('../../core/clock.ts')})
    const { startRun } = await import(${module('./runs.ts')})
    const { writeSync } = await import('node:fs')
    const metadata = await openMetadata(process.argv[1], { clock: systemClock() })
    const author = { name: 'ada', asserted: true }
    for (;;) writeSync(1, (await startRun(metadata, { model: 'm', parameters: {}, seed: 1, author })).id + '\\n')`
  return spawn(process.execPath, ['--input-type=module', '-e', code, path], { stdio: ['ignore', 'pipe', 'inherit'] })
}

test('after kill -9 everything promised is there, and the audit log is whole', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-crash-'))
  const path = join(folder.path, 'meta.db')
  for (const least of [1, 5, 12]) {
    const child = startingRuns(path)
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.split('\n').length > least) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const promised = printed.split('\n').slice(0, -1)
    const metadata = await openMetadata(path, { clock: virtualClock(0) })
    const kept = (await listRuns(metadata, { limit: 10_000 })).items.map((run) => run.id)
    expect(promised.length).toBeGreaterThanOrEqual(least)
    expect(kept).toEqual(expect.arrayContaining(promised))
    const interrupted = await failInterruptedRuns(metadata)
    expect(interrupted).toEqual(expect.arrayContaining(promised))
    expect(await verifyAudit(metadata.database)).toMatchObject({ intact: true })
    await metadata.close()
  }
})
