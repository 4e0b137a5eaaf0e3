import { mkdir, mkdtempDisposable, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readOutput } from './read-output.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

async function read(files: Files, prepare: (folder: string) => Promise<void> = async () => undefined) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-output-'))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder.path, name), content)
  await prepare(folder.path)
  return await readOutput(folder.path)
}

test('the one model is read, whatever else lies there, and metrics where there are some', async () => {
  const files = { 'model.onnx': 'x', 'plot.png': '', 'metrics.json': '{"loss": 0.5, "rows/train": 3}' }
  expect(await read(files)).toEqual({ model: Buffer.from('x'), metrics: { loss: 0.5, 'rows/train': 3 } })
  expect(await read({ 'model.txt': 'y' })).toEqual({ model: Buffer.from('y'), metrics: {} })
})

const model = { 'model.txt': 'x' }

test.each<[string, Files, RegExp]>([
  ['no model', { 'mode1.txt': 'x' }, /wrote no model\. Its folder has: 'mode1.txt'/],
  ['two models', { ...model, 'model.json': 'x' }, /several models: 'model\.json', 'model\.txt'/],
  ['an empty model', { 'model.txt': '' }, /'model.txt' is empty/],
  ['NaN among the metrics', { ...model, 'metrics.json': '{"loss": NaN}' }, /has NaN, which is no number/],
  [
    'a metric beyond all numbers',
    { ...model, 'metrics.json': '{"loss": 1e999}' },
    /'loss' is Infinity, and not a finite/,
  ],
  ['a metric that is a text', { ...model, 'metrics.json': '{"loss": "0.5"}' }, /'loss' is "0\.5", and not a finite/],
  ['a metric without a name', { ...model, 'metrics.json': '{"": 1}' }, /a metric by the name ''/],
  ['metrics in a list', { ...model, 'metrics.json': '[1]' }, /no object of numbers/],
  ['metrics that are no JSON', { ...model, 'metrics.json': Uint8Array.of(0xff) }, /'metrics.json' is no JSON/],
  ['empty metrics', { ...model, 'metrics.json': '' }, /'metrics.json' is empty/],
])('output with %s is refused', async (_, files, message) => {
  const refused = { code: 'program_output_invalid', message: expect.stringMatching(message) }
  await expect(read(files)).rejects.toMatchObject(refused)
})

test('a link is not followed out of the folder, and a model that is too large is not read', async () => {
  const refused = (message: RegExp) => ({ code: 'program_output_invalid', message: expect.stringMatching(message) })
  const link = (folder: string) => symlink('/etc/passwd', join(folder, 'model.txt'))
  await expect(read({}, link)).rejects.toMatchObject(refused(/'model.txt' is a link/))
  const large = (folder: string) => truncate(join(folder, 'model.txt'), 2 ** 40)
  await expect(read(model, large)).rejects.toMatchObject(refused(/has 1099511627776 bytes; at most/))
})

test('a folder that the program took away, or put a link or a file in place of, is refused', async () => {
  const refused = (message: RegExp) => ({ code: 'program_output_invalid', message: expect.stringMatching(message) })
  const swapped = async (inPlace: (folder: string, before: string) => Promise<void>) => {
    await using parent = await mkdtempDisposable(join(tmpdir(), 'trueline-output-'))
    const folder = join(parent.path, 'output')
    const before = join(parent.path, 'before')
    await mkdir(folder)
    await writeFile(join(folder, 'model.txt'), 'x')
    await rename(folder, before)
    await inPlace(folder, before)
    return await readOutput(folder)
  }
  await expect(swapped(async () => undefined)).rejects.toMatchObject(refused(/is gone/))
  await expect(swapped((folder, before) => symlink(before, folder))).rejects.toMatchObject(refused(/is a link now/))
  await expect(swapped((folder) => writeFile(folder, 'x'))).rejects.toMatchObject(refused(/is no folder now/))
})
