import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonRows } from './population-rows.ts'

test('a byte order mark before the first line is none of it, and one in a text is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trueline-'))
  const path = join(folder, 'asked.jsonl')
  await writeFile(path, '\uFEFF{"a":"\uFEFF"}\n\uFEFF{"a":1}\n{"a":2}\n')
  const rows = []
  for await (const row of jsonRows([path, path])) rows.push(row)
  const each = [{ a: '\uFEFF' }, '\uFEFF{"a":1}', { a: 2 }]
  expect(rows).toEqual([...each, ...each])
  await rm(folder, { recursive: true })
})
