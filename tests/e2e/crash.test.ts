import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/core/clock.ts'
import { HOUR } from '../../src/core/time.ts'
import { listRuns } from '../../src/models/registry/runs.ts'
import { readSteps } from '../../src/models/training/pipeline/run-store.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { isRunning, trainingProcesses } from './child-processes.ts'
import { postJson, send } from './http.ts'
import { type RunningPlatform, startPlatform } from './running-platform.ts'
import { importShop, makeHistory, shop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

const clock = systemClock()
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let directory: string
let digest: string

beforeAll(async () => {
  folder = await temporaryFolder()
  directory = join(folder.path, 'data')
  const platform = await openPlatform({ config: shop, directory })
  const today = Math.floor(clock.now() / HOUR) * HOUR
  await importShop(platform, folder.path, makeHistory(today - 20 * 24 * HOUR))
  await trainAndServe(platform, 'sent_back')
  await trainAndServe(platform, 'refund_size')
  digest = (await platform.models('sent_back')).find(({ serving }) => serving)!.digest
  await platform.close()
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

/** What the outside was told before the end. */
interface Told {
  readonly acknowledged: object[]
  /** Predictions in the order of their answers; those of the second model are answered from the disk. */
  readonly answered: string[]
  readonly synced: string[]
}

const orderOf = (name: string) => ({
  ...{ order: name, customer: `C${name.length % 5}`, product: 'P1', amount: 20, card: null },
  ordered_at: clock.now(),
})

/** Ingests and predicts, over and over, until the platform is gone. */
async function work({ url }: RunningPlatform, round: string, told: Told): Promise<void> {
  const ingest = async (): Promise<void> => {
    for (let batch = 0; ; batch += 1) {
      const rows = Array.from({ length: 20 }, (_, index) => orderOf(`${round}-${batch}-${index}`))
      const { body } = await postJson(`${url}/v1/streams/orders/events`, rows)
      expect(body).toEqual({ accepted: 20, duplicates: 0, rejected: [] })
      told.acknowledged.push(...rows)
    }
  }
  const predict = async (model: string, ids: string[]): Promise<void> => {
    for (;;) {
      const { body } = await postJson(`${url}/v1/models/${model}/predict`, { rows: [orderOf('A'), orderOf('B')] })
      for (const { prediction_id: id } of body.predictions) ids.push(id)
    }
  }
  // Each ends with the connection.
  await Promise.allSettled([ingest(), predict('sent_back', told.answered), predict('refund_size', told.synced)])
}

test('kill -9 amid ingest and predictions loses nothing acknowledged, and the same model serves on', async () => {
  const told: Told = { acknowledged: [], answered: [], synced: [] }
  for (const round of ['first', 'second']) {
    const platform = await startPlatform(directory)
    const before = {
      acknowledged: told.acknowledged.length,
      synced: told.synced.length,
      answered: told.answered.length,
    }
    const working = work(platform, round, told)
    const isBusy = (): boolean =>
      told.acknowledged.length > before.acknowledged + 200 &&
      told.synced.length > before.synced + 50 &&
      told.answered.length > before.answered + 200
    while (!isBusy()) await setTimeout(5)
    expect(await platform.stop('SIGKILL')).toBe(null)
    await working
    // The mark of the process that was killed is still there, and means nothing.
    expect(existsSync(join(directory, 'owner.json'))).toBe(true)
  }
  const platform = await startPlatform(directory)
  try {
    const redelivered = await postJson(`${platform.url}/v1/streams/orders/events`, told.acknowledged)
    expect(redelivered.body).toEqual({ accepted: 0, duplicates: told.acknowledged.length, rejected: [] })
    const isLogged = async (id: string): Promise<boolean> => {
      const { status, body } = await postJson(`${platform.url}/api/v1/predictions/${id}/replay`, {})
      if (status === 200) expect(body.same).toBe(true)
      return status === 200
    }
    for (const id of [told.synced.at(0)!, told.synced.at(-1)!, told.synced.at(told.synced.length >> 1)!])
      expect(await isLogged(id)).toBe(true)
    // An answer of the other model may precede the disk by a moment, so only the last ones of each round may be gone.
    expect(await isLogged(told.answered[0]!)).toBe(true)
    const audit = await postJson(`${platform.url}/api/v1/features/audit`, {})
    expect(audit.body).toMatchObject({ mismatches: 0, unverifiable: 0 })
    expect(audit.body.checked).toBeGreaterThan(told.synced.length)
    expect((await send(`${platform.url}/v2/models/sent_back`)).body.parameters.digest).toBe(digest)
    expect((await postJson(`${platform.url}/v1/models/sent_back/predict`, { rows: [orderOf('C')] })).status).toBe(200)
  } finally {
    expect(await platform.stop('SIGTERM')).toBe(0)
  }
  const owned = await openPlatform({ config: shop, directory })
  try {
    for (const id of told.synced) expect(owned.parts.log.readPrediction(id).layout.model).toBe('refund_size')
  } finally {
    await owned.close()
  }
})

test('kill -9 amid a training leaves no process, and its run goes on at the next start', async () => {
  const platform = await startPlatform(directory)
  const training = postJson(`${platform.url}/api/v1/models/sent_back/train`, { as: 'ann' }).catch(() => 'broken off')
  while (trainingProcesses(platform.pid).length === 0) await setTimeout(5)
  const [child] = trainingProcesses(platform.pid)
  await platform.stop('SIGKILL')
  expect(await training).toBe('broken off')
  while (isRunning(child!)) await setTimeout(5)
  const again = await startPlatform(directory)
  try {
    const trained = await postJson(`${again.url}/api/v1/models/sent_back/train`, { as: 'ann' })
    expect(trained.status).toBe(200)
  } finally {
    await again.stop('SIGTERM')
  }
  const owned = await openPlatform({ config: shop, directory })
  try {
    // Nothing came since: who asked again got what was begun before.
    const [newest] = (await listRuns(owned.parts.metadata)).items
    expect(newest).toMatchObject({ status: 'succeeded' })
    const steps = (await readSteps(owned.parts.metadata, newest!.id)).map(({ step }) => step)
    expect(steps).toEqual(expect.arrayContaining(['extract', 'verify', 'features', 'train', 'register']))
  } finally {
    await owned.close()
  }
})

test('a directory that another process owns is refused with the process and its address', async () => {
  const platform = await startPlatform(directory)
  try {
    await expect(openPlatform({ config: shop, directory })).rejects.toMatchObject({
      ...{ code: 'directory_in_use', message: expect.stringContaining(String(platform.pid)) },
    })
    await expect(openPlatform({ config: shop, directory })).rejects.toMatchObject({
      message: expect.stringContaining(platform.url),
    })
    await expect(startPlatform(directory)).rejects.toThrow(`The platform is up already at ${platform.url}.`)
  } finally {
    await platform.stop('SIGTERM')
  }
})
