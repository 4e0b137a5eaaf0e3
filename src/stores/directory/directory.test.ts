import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtempDisposable, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { virtualClock } from '../../core/clock.ts'
import { openDirectory } from './directory.ts'
import { readOwner } from './owner.ts'

const clock = virtualClock(1_000_000_000_000_000)
const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'trueline-directory-'))

/** Another process that owns the directory until it is killed. */
async function otherOwner(path: string) {
  const module = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)
  const code = `
    const { openDirectory } = await import(${module('./directory.ts')})
    const { systemClock } = await import(${module('../../core/clock.ts')})
    const directory = await openDirectory(process.argv[1], { clock: systemClock() })
    await directory.announce({ url: 'http://127.0.0.1:7700' })
    process.stdout.write('owned')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

test('a new directory gets its layout, and an owner while it is open', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'deep', '.trueline')
  expect(await readOwner(path)).toBeUndefined()
  const directory = await openDirectory(path, { clock })
  expect(directory.paths).toEqual({
    metadata: join(path, 'meta.db'),
    log: join(path, 'log.db'),
    lake: join(path, 'lake'),
    artifacts: join(path, 'artifacts'),
    state: join(path, 'features.state'),
    secret: join(path, 'secret'),
  })
  for (const name of [directory.paths.lake, directory.paths.artifacts])
    expect((await stat(name)).isDirectory()).toBe(true)
  expect(await readOwner(path)).toMatchObject({ pid: process.pid, started_at: '2001-09-09T01:46:40Z' })
  await directory.announce({ url: 'http://127.0.0.1:7701' })
  expect(await readOwner(path)).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:7701' })
  expect((await stat(join(path, 'owner.json'))).mode & 0o777).toBe(0o600)
  await directory.close()
  expect(await readOwner(path)).toBeUndefined()
  await (await openDirectory(path, { clock })).close()
})

test('a second owner is refused in the same process', async () => {
  await using folder = await temporaryFolder()
  const directory = await openDirectory(folder.path, { clock })
  await expect(openDirectory(folder.path, { clock })).rejects.toMatchObject({ code: 'directory_in_use' })
  expect(await readOwner(folder.path)).toMatchObject({ pid: process.pid })
  await directory.close()
})

test('a directory owned by another process names it; after kill -9 it is free', async () => {
  await using folder = await temporaryFolder()
  const child = await otherOwner(folder.path)
  expect(await readOwner(folder.path)).toMatchObject({ pid: child.pid, url: 'http://127.0.0.1:7700' })
  const refused = await openDirectory(folder.path, { clock }).catch((thrown: unknown) => thrown)
  expect(refused).toMatchObject({ code: 'directory_in_use', status: 409 })
  expect(String(refused)).toContain(`process ${child.pid} at http://127.0.0.1:7700`)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await readFile(join(folder.path, 'owner.json'), 'utf8')).toContain('7700')
  expect(await readOwner(folder.path)).toBeUndefined()
  const directory = await openDirectory(folder.path, { clock })
  expect(await readOwner(folder.path)).toMatchObject({ pid: process.pid })
  await directory.close()
})

test('of many that race for a directory, one owns it', async () => {
  await using folder = await temporaryFolder()
  const tries = await Promise.allSettled(Array.from({ length: 4 }, () => openDirectory(folder.path, { clock })))
  const owned = tries.filter((result) => result.status === 'fulfilled')
  expect(owned).toHaveLength(1)
  for (const result of tries)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'directory_in_use' })
  await owned[0]?.value.close()
})

test('a newer layout and an unreadable one are refused, and the lock is given back', async () => {
  await using folder = await temporaryFolder()
  await (await openDirectory(folder.path, { clock })).close()
  const version = join(folder.path, 'version.json')
  const whole = await readFile(version, 'utf8')
  await writeFile(version, '{"layout": 99}')
  await expect(openDirectory(folder.path, { clock })).rejects.toMatchObject({ code: 'directory_newer' })
  for (const damaged of ['', '{"layout"', 'null', '{}', '{"layout": "1"}']) {
    await writeFile(version, damaged)
    await expect(openDirectory(folder.path, { clock })).rejects.toMatchObject({ code: 'directory_damaged' })
  }
  await writeFile(version, whole)
  await (await openDirectory(folder.path, { clock })).close()
})

test("a folder with other people's files is refused untouched", async () => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'src'))
  await expect(openDirectory(folder.path, { clock })).rejects.toMatchObject({ code: 'directory_foreign' })
  await expect(stat(join(folder.path, 'lock.db'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a start that was cut short can be repeated', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'lock.db'), '')
  await writeFile(join(folder.path, 'version.json.tmp'), '{"lay')
  await (await openDirectory(folder.path, { clock })).close()
})

test('a path that cannot be a directory says so', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'file')
  await writeFile(file, 'text')
  await expect(openDirectory(file, { clock })).rejects.toMatchObject({ code: 'directory_unusable' })
  await expect(openDirectory(join(file, 'below'), { clock })).rejects.toMatchObject({ code: 'directory_unusable' })
})

test.each([
  ['meta.db', ['log.db']],
  ['log.db', ['meta.db', 'features.state']],
  ['log.db', ['meta.db', 'log.db-wal']],
])('a directory whose %s is gone is refused, and not begun anew', async (gone, there) => {
  await using folder = await temporaryFolder()
  await (await openDirectory(folder.path, { clock })).close()
  // What a start that was broken off has made.
  await writeFile(join(folder.path, 'meta.db'), '')
  await (await openDirectory(folder.path, { clock })).close()
  await rm(join(folder.path, 'meta.db'))
  for (const name of there) await writeFile(join(folder.path, name), '')
  const refused = { code: 'directory_damaged', path: join(folder.path, gone) }
  await expect(openDirectory(folder.path, { clock })).rejects.toMatchObject(refused)
})
