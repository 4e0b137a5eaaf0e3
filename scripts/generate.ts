// Writes the files that are made from others; `npm run generate` followed by a clean `git diff` shows that they are fresh.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { generateErrors } from './generate-errors.ts'
import { generateExpressions } from './generate-expressions.ts'
import { generateKernels } from './generate-kernel.ts'
import { generateOperationPaths } from './generate-operation-paths.ts'
import { generateZones } from './generate-zones.ts'

for (const { path, text } of [
  generateErrors(),
  generateExpressions(),
  generateOperationPaths(),
  generateZones(),
  ...(await generateKernels()),
]) {
  writeFileSync(path, text)
  console.log(`${relative(process.cwd(), path)}: ${text.length} characters`)
}
