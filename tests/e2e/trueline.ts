import process from 'node:process'
import { runProgram } from '../../src/platform/cli/program.ts'

/** What a command line led to. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** The standard output as JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers as they come
  readonly json: any
}

/** Runs the command line in this process, with its output caught. */
export async function trueline(...words: string[]): Promise<Ran> {
  const { argv, exitCode } = process
  const write = { stdout: process.stdout.write, stderr: process.stderr.write }
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    process[stream].write = ((part: string | Uint8Array) => {
      text[stream] += String(part)
      return true
    }) as typeof process.stdout.write
  try {
    process.argv = [process.execPath, 'trueline', ...words]
    process.exitCode = 0
    await runProgram()
    return {
      code: process.exitCode,
      ...text,
      json: text.stdout !== '' && words.includes('--json') ? parsed(text.stdout) : undefined,
    }
  } finally {
    process.argv = argv
    process.exitCode = exitCode
    process.stdout.write = write.stdout
    process.stderr.write = write.stderr
  }
}

/** @throws Error when the output is anything but one line of JSON */
function parsed(text: string): unknown {
  if (text.indexOf('\n') !== text.length - 1) throw new Error(`Not one line of JSON: ${text}`)
  return JSON.parse(text)
}
