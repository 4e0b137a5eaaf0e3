import { join } from 'node:path'
import { operations } from '../src/platform/api/operations.ts'

const head = `// Written by scripts/generate-operation-paths.ts from the table of operations.
import type { OperationName } from './operations.ts'

/** How each operation is asked for over HTTP: who only asks a running platform need not load what answers. */
export const operationPaths: Readonly<Record<OperationName, readonly [method: 'GET' | 'POST', path: string]>> = {
`

/** Where the table of methods and paths goes, and its text. */
export function generateOperationPaths(): { path: string; text: string } {
  const lines = Object.entries(operations).map(([name, { method, path }]) => `  ${name}: ['${method}', '${path}'],\n`)
  return {
    path: join(import.meta.dirname, '../src/platform/api/operation-paths.ts'),
    text: `${head}${lines.join('')}}\n`,
  }
}
