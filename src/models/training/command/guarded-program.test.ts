import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { secretBytes } from '../../../core/random.ts'
import { guardedProgram } from './guarded-program.ts'

const LINUX = existsSync('/proc/self/environ')

function isAlive(mark: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)
    } catch {
      return false
    }
  })
}

test.runIf(LINUX)('a program whose guard is killed is ended by the training', async () => {
  const mark = Buffer.from(secretBytes(8)).toString('hex')
  // Its parent is the guard.
  const script = `setsid sleep 60 & echo '{"progress": 0, "message": "'$PPID'"}'; sleep 60`
  const lines: string[] = []
  const ended = guardedProgram(
    {
      ...{ words: ['sh', '-c', script], folder: tmpdir(), environment: { PATH: process.env['PATH']! }, mark },
      ...{ seconds: 60, graceSeconds: 1, bytes: 1e9 },
    },
    { onProgress: (_, guard) => process.kill(Number(guard), 'SIGKILL'), onLine: (line) => lines.push(line) },
  )
  await expect(ended).rejects.toMatchObject({ code: 'program_failed', message: expect.stringContaining('SIGKILL') })
  while (isAlive(mark)) await wait(10)
  expect(lines).toEqual([])
})
