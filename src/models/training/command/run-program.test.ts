import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, test } from 'vitest'
import { secretBytes } from '../../../core/random.ts'
import { lastLines, logText } from './program-log.ts'
import { type ProgramEnd, runProgram } from './run-program.ts'

const LINUX = existsSync('/proc/self/environ')

interface Tried extends ProgramEnd {
  readonly lines: readonly string[]
  readonly progress: readonly (readonly [number, string | undefined])[]
  /** Processes that live on with the program's mark. */
  readonly alive: readonly string[]
}

/** Runs words to their end; `stopWhen` says of each progress whether the program is not wanted any more. */
async function run(
  words: readonly string[],
  limits: { readonly seconds?: number; readonly bytes?: number; readonly stop?: boolean } = {},
): Promise<Tried> {
  const { seconds = 60, bytes = 4e9, stop = false } = limits
  await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-program-'))
  const mark = Buffer.from(secretBytes(8)).toString('hex')
  const progress: [number, string | undefined][] = []
  const lines: string[] = []
  const aborting = new AbortController()
  const environment = { PATH: process.env['PATH']! }
  const end = await runProgram(
    { words, folder: folder.path, environment, mark, seconds, graceSeconds: 0.2, bytes },
    {
      signal: aborting.signal,
      onLine: (line) => lines.push(line),
      onProgress(done, message) {
        progress.push([done, message])
        if (stop) aborting.abort()
      },
    },
  )
  return { ...end, progress, lines, alive: marked(mark) }
}

function marked(mark: string): string[] {
  if (!LINUX) return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark)
    } catch {
      return false
    }
  })
}

const node = (code: string): string[] => [process.execPath, '-e', code]
const shell = (code: string): string[] => ['sh', '-c', code]

test.concurrent('a program is told apart from a shell, its lines are kept, and its progress is none of them', async () => {
  const code = `
    console.log('{"progress": 0.25, "message": "read\\\\u001b[31ming"}')
    console.log('{"progress": "much"}')
    console.error('a warning')
    console.log(process.argv[1], Object.keys(process.env).sort().join())`
  const { end, log, progress, peakMemory = 1 } = await run([...node(code), '$HOME; rm *'])
  expect(end).toEqual({ kind: 'exited', code: 0 })
  expect(progress).toEqual([[0.25, 'reading']])
  expect(log.first.toSorted()).toEqual(
    ['$HOME; rm * PATH,TRUELINE_PROGRAM', 'a warning', '{"progress": "much"}'].toSorted(),
  )
  expect(peakMemory).toBeGreaterThan(0)
})

test.concurrent('a program that hangs is ended when its time is over, also one that does not listen', async () => {
  const deaf = shell("trap '' TERM; echo here; while :; do sleep 0.05; done")
  for (const words of [shell('sleep 60'), deaf]) {
    const { end, alive } = await run(words, { seconds: 0.3 })
    expect(end).toEqual({ kind: 'time' })
    expect(alive).toEqual([])
  }
})

test.concurrent('a program that is not wanted any more is ended with all that it has started, wherever that went', async () => {
  const away = 'setsid sh -c \'trap "" TERM; sleep 60; sleep 60\' & env -i sleep 60 & (sleep 60 &)'
  const { end, alive } = await run(shell(`${away}; echo '{"progress": 0}'; sleep 60`), { stop: true })
  expect(end).toEqual({ kind: 'stopped' })
  expect(alive).toEqual([])
})

test.concurrent('what a program leaves behind is ended, and counted', async () => {
  const { end, leftBehind, alive } = await run(shell('sleep 60 & setsid sleep 60 & sleep 0.1; exit 0'))
  expect(end).toEqual({ kind: 'exited', code: 0 })
  expect(alive).toEqual([])
  if (LINUX) expect(leftBehind).toBe(2)
})

test.runIf(LINUX)('a program that takes more memory than it may is ended, its children counted', async () => {
  const hold = `const held = []; setInterval(() => held.push(Buffer.alloc(2e7, 1)), 5)`
  const { end, peakMemory, alive } = await run(shell(`'${process.execPath}' -e '${hold}' & wait`), { bytes: 2e8 })
  expect(end).toEqual({ kind: 'memory' })
  expect(peakMemory).toBeGreaterThan(2e8)
  expect(alive).toEqual([])
})

test.concurrent('how a program ended is told: its code, its signal, or why it did not start', async () => {
  const failed = await run(shell('echo before; echo why >&2; exit 3'))
  expect(failed.end).toEqual({ kind: 'exited', code: 3 })
  expect(lastLines(failed.log, 2).toSorted()).toEqual(['before', 'why'])
  expect((await run(shell('kill -9 $$'))).end).toEqual({ kind: 'killed', signal: 'SIGKILL' })
  expect((await run(['no-such-program'])).end).toMatchObject({ kind: 'unstarted', code: 'ENOENT' })
  expect((await run(['/etc'])).end).toMatchObject({ kind: 'unstarted', code: 'EACCES' })
})

test.concurrent('of a flood the first and the last lines are kept, each cut, and what is no UTF-8 or would move a terminal is not', async () => {
  const flood = await run(
    node(`
    const lines = Array.from({ length: 200000 }, (_, index) => 'line ' + index + '\\n').join('')
    process.stdout.write(lines); process.stdout.write('x'.repeat(1e6) + '\\n')
    process.stdout.write(Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0xc3]))
    process.stdout.write(Buffer.from([0xa9, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x21, 0x0a]))
    process.stdout.write('10%\\r20%\\r30%')`),
  )
  expect(flood.log.first).toHaveLength(500)
  expect(flood.log.first[0]).toBe('line 0')
  expect(flood.log.last).toHaveLength(500)
  expect(flood.log.last.slice(-3)).toEqual(['a\ufffd\ufffd', 'é!', '30%'])
  expect(flood.log.last.at(-4)).toMatch(/^x{2000} \.\.\. and 998000 characters more$/)
  expect(flood.log.leftOut).toBe(200_004 - 1000)
  expect(flood.lines).toHaveLength(1001)
  expect(flood.lines[500]).toBe('... 199004 lines are left out ...')
  expect(logText(flood.log)).toContain('\n... 199004 lines are left out ...\n')
})

test.runIf(LINUX)(
  'a last line without an end is kept, also where its pipe and its program are seen to end in one moment',
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'trueline-program-'))
    const isOver = (pid: number): boolean => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    let program = 0
    const { log } = await runProgram(
      {
        ...{ words: node("process.stdout.write('one\\nhalf')"), folder: folder.path, mark: 'one moment' },
        ...{ environment: { PATH: process.env['PATH']! }, seconds: 60, graceSeconds: 0.2, bytes: 4e9 },
      },
      {
        signal: new AbortController().signal,
        onStart(pid) {
          program = pid
        },
        // What it has said is read, and nothing more before it has ended, as on a machine that is busy.
        onLine() {
          while (existsSync(`/proc/${program}`) && !isOver(program))
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
        },
        onProgress: () => undefined,
      },
    )
    expect(log.first).toEqual(['one', 'half'])
  },
)
