import { mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileError, writeFileDurably, writeSynced } from './durable-file.ts'

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'trueline-file-'))

test('a file is replaced as a whole, with the mode asked for, over what an earlier failure left', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'owner.json')
  await writeFile(`${path}.tmp`, 'left over')
  await writeFileDurably(path, 'first', 0o600)
  await writeFileDurably(path, 'second', 0o600)
  expect(await readFile(path, 'utf8')).toBe('second')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder.path)).toEqual(['owner.json'])
})

test('a full disk has its own code, and leaves no half of a file', async () => {
  await using folder = await temporaryFolder()
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const path = join(folder.path, 'blob')
  const write = writeSynced(path, 0o644, async (file) => {
    await file.writeFile('half')
    throw full
  })
  await expect(write).rejects.toMatchObject({ code: 'disk_full', status: 507, cause: full })
  expect(await readdir(folder.path)).toEqual([])
})

test('other errors stay what they are', () => {
  const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' })
  expect(fileError(denied, 'x')).toBe(denied)
  expect(fileError('text', 'x')).toBe('text')
})

test('a real device without room answers ENOSPC, which is told as disk_full', async () => {
  const failure = await writeFile('/dev/full', 'x').catch((thrown: unknown) => thrown)
  expect(fileError(failure, '/dev/full')).toMatchObject({ code: 'disk_full' })
})
