import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TrainingJob } from '../training-job.ts'
import { createStepRunner } from './step-runner.ts'

test('a step that is broken off goes on behind its parts that were done', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-runner-'))
  const done: string[] = []
  const attempt = async (run: string, lasts: number, takenBy?: 'the same run') => {
    const keeping = { folder: join(folder.path, 'cache'), run, at: 1, reads: true }
    const runner = createStepRunner({ folder: folder.path, cut: 1, keeping } as TrainingJob, () => undefined)
    const step = { name: 'train', of: 'rows', ...(takenBy === undefined ? {} : { takenBy }) } as const
    const { figures } = await runner.run({
      ...step,
      async work() {
        const answers: unknown[] = []
        for (const part of ['a', 'b', 'c']) {
          if (done.length === lasts) throw new Error('killed')
          const of = { trial: `${takenBy ?? ''} ${part}` }
          answers.push(
            await runner.part({ ...step, of }, async () => {
              done.push(part)
              return { value: done.length, none: null }
            }),
          )
        }
        return { figures: answers }
      },
    })
    return figures
  }
  await expect(attempt('run-1', 2)).rejects.toThrow('killed')
  expect(await attempt('run-1', 9)).toEqual([1, 2, 3].map((value) => ({ value, none: null })))
  expect(done).toEqual(['a', 'b', 'c'])
  // What looks at something that nothing pins is for the run alone that looked.
  await expect(attempt('run-2', 5, 'the same run')).rejects.toThrow('killed')
  await expect(attempt('run-3', 7, 'the same run')).rejects.toThrow('killed')
  expect(done).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'b'])
})

test.each([
  ['DuckDB', new Error('IO Error: Could not write file "rows.parquet": No space left on device')],
  ['the file system', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
])('a disk that is full is no defect of a step, whether %s says so', async (_, thrown) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-runner-'))
  const runner = createStepRunner({ folder: folder.path, cut: 1 } as TrainingJob, () => undefined)
  const work = () => Promise.reject(thrown)
  await expect(runner.run({ name: 'features', of: 'rows', work })).rejects.toMatchObject({
    code: 'disk_full',
    path: join(folder.path, 'features'),
  })
})
