import { readdirSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SECOND } from '../../src/core/time.ts'
import { openPlatform } from '../../src/platform/app/open-platform.ts'
import { servePlatform } from '../../src/platform/app/serve.ts'
import { idsIn, importShop, makeHistory, NOW, openShop, shop, temporaryFolder, trainAndServe } from './shop-fixture.ts'

/** A folder with a shop whose baseline serves. */
let template: Awaited<ReturnType<typeof temporaryFolder>>

beforeAll(async () => {
  template = await temporaryFolder()
  const { platform } = await openShop({ folder: template.path })
  await importShop(platform, template.path, makeHistory())
  await trainAndServe(platform, 'sent_back', 'without_windows')
  await platform.close()
})

afterAll(async () => {
  await template[Symbol.asyncDispose]()
})

async function trainedShop() {
  const folder = await temporaryFolder()
  await cp(join(template.path, 'data'), join(folder.path, 'data'), { recursive: true })
  return folder
}

const order = { order: 'L1', customer: 'C1', product: 'P1', amount: 20, card: null, ordered_at: NOW }

test('a port that is taken, and one that is none, are refused by code', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  try {
    await expect(servePlatform(platform, { port })).rejects.toMatchObject({
      ...{ code: 'port_in_use', path: `127.0.0.1:${port}`, remedy: expect.stringContaining('--port') },
    })
    for (const none of [-1, 1.5, Number.NaN, 70_000])
      await expect(servePlatform(platform, { port: none })).rejects.toMatchObject({ code: 'invalid_arguments' })
    await expect(servePlatform(platform, { port: 0, host: '192.0.2.1' })).rejects.toMatchObject({
      code: 'invalid_arguments',
    })
    const server = await servePlatform(platform, { port, orNextPort: true })
    expect(new URL(server.url).port).not.toBe(String(port))
    await server.close()
  } finally {
    taken.close()
    await platform.close()
  }
})

test('a directory in use, of a newer version, damaged, or of somebody else is refused, and left as it is', async () => {
  await using folder = await trainedShop()
  const data = join(folder.path, 'data')
  const { platform } = await openShop({ folder: folder.path })
  await expect(openShop({ folder: folder.path })).rejects.toMatchObject({ code: 'directory_in_use' })
  await platform.close()

  const metadata = new DatabaseSync(join(data, 'meta.db'))
  const { user_version: version } = metadata.prepare('PRAGMA user_version').get() as { user_version: number }
  metadata.exec(`PRAGMA user_version = ${version + 1}`)
  await expect(openShop({ folder: folder.path })).rejects.toMatchObject({ code: 'directory_newer' })
  metadata.exec(`PRAGMA user_version = ${version}`)
  metadata.close()

  const [file] = readdirSync(join(data, 'lake', 'events'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.parquet'),
  )
  const path = join(data, 'lake', 'events', file!)
  const bytes = await readFile(path)
  await writeFile(path, bytes.subarray(0, 100))
  await expect(openShop({ folder: folder.path })).rejects.toMatchObject({ code: 'directory_damaged' })
  await writeFile(path, bytes)

  await using foreign = await temporaryFolder()
  await writeFile(join(foreign.path, 'novel.txt'), 'Call me Ishmael.')
  await expect(openPlatform({ config: shop, directory: foreign.path })).rejects.toMatchObject({
    code: 'directory_foreign',
  })

  // None of these left a lock or a mark behind.
  const { platform: again } = await openShop({ folder: folder.path })
  await again.close()
})

test('files of history that are broken, misplaced or full of bad rows are refused, and change nothing', async () => {
  await using folder = await temporaryFolder()
  const { platform } = await openShop({ folder: folder.path })
  const write = async (name: string, text: string | Uint8Array): Promise<string> => {
    await writeFile(join(folder.path, name), text)
    return join(folder.path, name)
  }
  try {
    const header = 'order,customer,product,amount,card,ordered_at'
    const file = await write('good.csv', `${header}\nO1,C1,P1,10,,2025-03-19T00:00:00Z\n`)
    await expect(platform.importHistory('order', file)).rejects.toMatchObject({ code: 'unknown_stream' })
    await expect(platform.importHistory('orders', join(folder.path, 'none.csv'))).rejects.toMatchObject({
      code: 'file_not_found',
    })
    const broken = await write('broken.parquet', 'PAR1 and nothing else PAR1')
    await expect(platform.importHistory('orders', broken)).rejects.toMatchObject({ code: 'file_unreadable' })
    const other = await write('other.csv', 'a,b\n1,2\n')
    await expect(platform.importHistory('orders', other)).rejects.toMatchObject({ code: 'missing_column' })
    expect(platform.parts.log.conservation('orders')).toEqual({
      received: 0,
      accepted: 0,
      duplicates: 0,
      rejected: 0,
      mended: 0,
    })
    const bad = await write(
      'bad.csv',
      `${header}\nO1,C1,P1,10,,2025-03-19T00:00:00Z\nO2,C1,P1,-3,,2025-03-19T00:00:00Z\n`,
    )
    expect(await platform.importHistory('orders', bad)).toMatchObject({ accepted: 1, rejected: 1 })
    expect((await platform.deadLetters({ stream: 'orders' })).rows).toMatchObject([
      { code: 'out_of_range', path: 'amount' },
    ])
  } finally {
    await platform.close()
  }
})

test('a disk that fills up stops everything by code, loses nothing that was acknowledged, and ends in order', async () => {
  await using folder = await trainedShop()
  const { platform, clock } = await openShop({ folder: folder.path, mostLogPages: 90 })
  const acknowledged: string[] = []
  const answered: string[] = []
  let code: string | undefined
  for (let number = 0; code === undefined; number += 1) {
    clock.advanceTo(NOW + number * SECOND)
    const rows = Array.from({ length: 20 }, (_, index) => ({
      ...order,
      order: `D${number}-${index}`,
      ordered_at: clock.now(),
    }))
    try {
      answered.push(...idsIn(await platform.predict('sent_back', rows)))
      await platform.ingest('orders', rows)
      acknowledged.push(...rows.map((row) => row.order))
    } catch (thrown) {
      code = (thrown as { code: string }).code
    }
  }
  expect(code).toBe('disk_full')
  expect(acknowledged.length).toBeGreaterThan(0)
  expect(platform.ready()).toBe(false)
  // A model that does not wait for the disk goes on answering; what it answers is counted as not logged.
  answered.push(...idsIn(await platform.predict('sent_back', [order])))
  expect(answered.at(-1)).toMatch(/^u/)
  await expect(platform.ingest('orders', [order])).rejects.toMatchObject({
    ...{ code: 'disk_full', remedy: expect.stringContaining('nothing that was acknowledged is lost') },
  })
  await expect(platform.close()).rejects.toMatchObject({ code: 'disk_full' })

  const { platform: again } = await openShop({ folder: folder.path, now: clock.now() })
  try {
    const redelivered = await again.ingest(
      'orders',
      acknowledged.map((name) => ({
        ...order,
        order: name,
        ordered_at: NOW + Number(name.slice(1).split('-')[0]) * SECOND,
      })),
    )
    expect(redelivered).toEqual({ accepted: 0, duplicates: acknowledged.length, rejected: [] })
    const logged = answered.filter((id) => {
      try {
        return again.parts.log.readPrediction(id) !== undefined
      } catch {
        return false
      }
    })
    const { checked, mismatches, unverifiable } = await again.audit({})
    expect({ checked, mismatches }).toEqual({ checked: logged.length, mismatches: 0 })
    // What was answered and could not be written is counted, also by the next process.
    expect(unverifiable).toBe(answered.length - logged.length)
  } finally {
    await again.close()
  }
})
