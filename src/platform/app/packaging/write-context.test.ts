import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ModelBundle } from '../../../models/registry/bundle.ts'
import { writeContext } from './write-context.ts'

const parent = mkdtempSync(join(tmpdir(), 'trueline-package-'))
afterAll(() => rmSync(parent, { recursive: true, force: true }))

test('what cannot be packaged leaves nothing behind', async () => {
  const bundle = { model: 'late', digest: 'sha256:0', manifest: { scorer: '' }, contents: {} } as unknown as ModelBundle
  const folder = join(parent, 'image')
  const packageFolder = join(parent, 'nothing')
  await expect(writeContext({ bundle, version: 1, packageFolder, program: '0', folder })).rejects.toThrow()
  expect(existsSync(folder)).toBe(false)
})
