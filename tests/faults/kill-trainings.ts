import assert from 'node:assert/strict'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { systemClock } from '../../src/core/clock.ts'
import { seededRandom } from '../../src/core/random.ts'
import { HOUR } from '../../src/core/time.ts'
import { listRuns } from '../../src/models/registry/runs.ts'
import { listVersions } from '../../src/models/registry/versions.ts'
import { readSteps } from '../../src/models/training/pipeline/run-store.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { trainingProcesses } from '../e2e/child-processes.ts'
import { postJson, send } from '../e2e/http.ts'
import { startPlatform } from '../e2e/running-platform.ts'
import { importShop, makeHistory, shop } from '../e2e/shop-fixture.ts'

/** Longest that a kill waits for, in milliseconds: a training takes about as long. */
const LONGEST_MS = 1500

/**
 * Trains the same rows again and again, each step anew, and kills the platform or the process that trains at some moment;
 * whatever was begun ends as the same version, once.
 */
export async function killTrainings(folder: string, kills: number): Promise<void> {
  const directory = join(folder, 'data')
  const at = Math.floor(systemClock().now() / HOUR) * HOUR
  const before = await openPlatform({ config: shop, directory })
  await importShop(before, folder, makeHistory(at - 20 * 24 * HOUR))
  const ask = { as: 'ann', at, variant: 'without_windows', cache: false }
  const clean = await before.train('sent_back', { name: 'ann' }, { ...ask, variant: 'without_windows' })
  await before.close()
  const random = seededRandom(61)
  const killed = { platform: 0, training: 0 }
  for (let kill = 0; kill < kills; kill += 1) {
    const platform = await startPlatform(directory)
    const asked = postJson(`${platform.url}/api/v1/models/sent_back/train`, ask).catch(() => undefined)
    if (kill % 2 === 0) {
      await setTimeout(random.next() * LONGEST_MS)
      await platform.stop('SIGKILL')
      await asked
      killed.platform += 1
    } else {
      const moment = random.next() * LONGEST_MS
      while (trainingProcesses(platform.pid).length === 0) await setTimeout(2)
      await setTimeout(moment)
      const [pid] = trainingProcesses(platform.pid)
      if (pid !== undefined) {
        process.kill(pid, 'SIGKILL')
        killed.training += 1
      }
      const answer = await asked
      assert.equal(answer?.body.digest, clean.digest)
      await platform.stop('SIGTERM')
    }
    await letFinish(directory)
  }
  assert.ok(killed.platform > 0 && killed.training > 0)
  const after = await openPlatform({ config: shop, directory })
  try {
    const { metadata } = after.parts
    const { items } = await listRuns(metadata, { model: 'sent_back', limit: 1000 })
    assert.deepEqual([...new Set(items.map(({ status }) => status))], ['succeeded'])
    for (const { id } of items) {
      const states = (await readSteps(metadata, id)).map(({ status }) => status)
      assert.deepEqual(
        states.filter((state) => state === 'running' || state === 'failed'),
        [],
        id,
      )
    }
    const versions = (await listVersions(metadata, 'sent_back')).items
    assert.deepEqual(
      versions.map(({ digest, runId }) => [digest, runId]),
      [[clean.digest, clean.run]],
    )
  } finally {
    await after.close()
  }
}

/**
 * Asks for a full model that brings its baseline along, and kills the platform in the moment in which the baseline's run has
 * ended: the full one goes on at the next start.
 */
export async function killAfterBaseline(folder: string): Promise<void> {
  const directory = join(folder, 'data')
  const at = Math.floor(systemClock().now() / HOUR) * HOUR
  const before = await openPlatform({ config: shop, directory })
  await importShop(before, folder, makeHistory(at - 20 * 24 * HOUR))
  await before.close()
  const platform = await startPlatform(directory)
  const asked = postJson(`${platform.url}/api/v1/models/sent_back/train`, { as: 'ann', at }).catch(() => undefined)
  for (;;) {
    const { body } = await send(`${platform.url}/api/v1/runs/run-1/steps`)
    if (body.status === 'succeeded') break
    await setTimeout(1)
  }
  await platform.stop('SIGKILL')
  await asked
  await letFinish(directory)
  const after = await openPlatform({ config: shop, directory })
  try {
    const { metadata } = after.parts
    const { items } = await listRuns(metadata, { model: 'sent_back' })
    assert.deepEqual(
      items.map(({ id, status, parameters }) => [id, status, parameters['variant']]),
      [
        ['run-2', 'succeeded', 'full'],
        ['run-1', 'succeeded', 'without_windows'],
      ],
    )
  } finally {
    await after.close()
  }
}

/** Starts the platform once more, and waits until the runs that were broken off have ended. */
async function letFinish(directory: string): Promise<void> {
  const platform = await startPlatform(directory)
  try {
    for (;;) {
      const { body } = await send(`${platform.url}/api/v1/runs/run-1/steps`)
      assert.equal(body.status, 'succeeded')
      const open = await openRuns(platform.url)
      if (open === 0) return
      await setTimeout(50)
    }
  } finally {
    await platform.stop('SIGTERM')
  }
}

/** How many runs are going on: ids rise by one, so the first that is not there is the end. */
async function openRuns(url: string): Promise<number> {
  let open = 0
  for (let number = 1; ; number += 1) {
    const { status, body } = await send(`${url}/api/v1/runs/run-${number}/steps`)
    if (status !== 200) return open
    if (body.status === 'running') open += 1
  }
}
