import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../../../core/canonical.ts'
import { writeFileDurably } from '../../../stores/durable-file.ts'
import type { BatchJob } from './batch-job.ts'

/** Does a step once: its result is kept beside what it made. */
export async function batchStep<Result>(
  { folder }: Pick<BatchJob, 'folder'>,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const path = join(folder, `${name}.json`)
  if (existsSync(path)) return JSON.parse(await readFile(path, 'utf8')) as Result
  const result = await work()
  await writeFileDurably(path, canonicalJson(result))
  return result
}
