import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../../core/canonical.ts'
import { type Digest, digestOf } from '../../../core/digest.ts'
import { type CommandOptions, command } from '../../../language/define/command.ts'
import { gbdt } from '../../../language/define/gbdt.ts'
import { collectProgram, programFolderOf } from './program-folder.ts'
import type { RebuildRecord } from './rebuild-record.ts'

const trainer = command({ run: ['./train.sh'], lock: 'locks/requirements.lock' } satisfies CommandOptions)
const PROJECT = '/the/project/of/now'

/** Collects a program of these files into a folder, and says where it runs then and what a file there is. */
async function collect(contents: Readonly<Record<string, string>>, recorded = Object.keys(contents)) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-program-folder-'))
  const code = canonicalJson(
    Object.fromEntries(Object.entries(contents).map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
  )
  const blobs = new Map<Digest, string>([code, 'numpy==2\n'].map((text) => [digestOf(text), text]))
  const get = async (digest: Digest) => Buffer.from(blobs.get(digest)!)
  const record = {
    ...{ model: 'm', definition: { models: { m: { trainer } } } },
    environment: { program: { files: Object.fromEntries(recorded.map((name) => [name, digestOf(name)])) } },
  } as unknown as RebuildRecord
  await collectProgram({ get }, record, { code: digestOf(code), lock: digestOf('numpy==2\n') }, folder.path)
  const own = join(folder.path, 'program')
  const runs = programFolderOf(folder.path, trainer, PROJECT)
  const read = (name: string): Promise<string> => readFile(join(own, name), 'utf8').catch(() => '')
  return {
    isOwn: runs === own,
    runs,
    files: await Promise.all(['train.sh', 'lib/more.sh', 'locks/requirements.lock'].map(read)),
    ofTrees: programFolderOf(folder.path, gbdt(), PROJECT),
  }
}

test('a program runs among the files that were kept of it, its lockfile with them', async () => {
  const found = await collect({ 'train.sh': 'echo', 'lib/more.sh': 'more' })
  expect(found).toMatchObject({ isOwn: true, files: ['echo', 'more', 'numpy==2\n'], ofTrees: PROJECT })
})

test('a program of which a file was too large to keep runs in the project of now', async () => {
  const found = await collect({ 'train.sh': 'echo' }, ['train.sh', 'weights.bin'])
  expect(found).toMatchObject({ isOwn: false, runs: PROJECT })
})

test('a file that would lie outside the folder is refused', async () => {
  for (const name of ['../escaped.sh', '/tmp/escaped.sh'])
    await expect(collect({ [name]: 'echo' })).rejects.toMatchObject({ code: 'directory_damaged', path: name })
})
