import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateErrors } from '../scripts/generate-errors.ts'
import { generateExpressions } from '../scripts/generate-expressions.ts'
import { generateKernels } from '../scripts/generate-kernel.ts'
import { generateOperationPaths } from '../scripts/generate-operation-paths.ts'
import { generateZones } from '../scripts/generate-zones.ts'
import { errorCodes } from '../src/core/error-codes.ts'

test.each([
  generateErrors(),
  generateExpressions(),
  generateOperationPaths(),
  generateZones(),
  ...(await generateKernels()),
])('$path is what `npm run generate` writes', ({ path, text }) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('no error stands in two tables, and every table counts', () => {
  const folder = join(import.meta.dirname, '../src/core/error-codes')
  const codes = readdirSync(folder).flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/^ {2}(\w+): \{/gm)].map(([, code]) => code),
  )
  expect(codes.toSorted()).toEqual(Object.keys(errorCodes).toSorted())
})

test('every error says what happened and what to do, in whole sentences, with a status of an error', () => {
  for (const [code, { what, status, remedy }] of Object.entries(errorCodes)) {
    expect(what, code).toMatch(/^[A-Z].+\.$/)
    expect(remedy, code).toMatch(/^[A-Z].+\.$/)
    expect(status, code).toBeGreaterThanOrEqual(400)
    expect(status, code).toBeLessThan(600)
  }
})
