import { TruelineError } from '../../../core/errors.ts'
import { formatDuration } from '../../../core/time.ts'
import type { CommandDefinition } from '../../../language/define/command-definition.ts'
import { lastLines } from './program-log.ts'
import type { ProgramEnd } from './run-program.ts'

const LINES_TOLD = 20
const MOST_TOLD = 2000

/** The error of a program that did not end well, with its last words; undefined of one that did. */
export function programFault(
  { end, log, peakMemory }: ProgramEnd,
  { run, limits }: Pick<CommandDefinition, 'run' | 'limits'>,
): TruelineError | undefined {
  const name = `'${run.join(' ')}'`
  const words = lastLines(log, LINES_TOLD).join('\n').slice(-MOST_TOLD)
  const said = words === '' ? ' It said nothing.' : ` Its last words:\n${words}`
  switch (end.kind) {
    case 'exited':
      if (end.code === 0) return undefined
      return new TruelineError('program_failed', `${name} ended with code ${end.code}.${said}`, { path: 'trainer.run' })
    case 'killed':
      return new TruelineError('program_failed', `${name} was ended by ${end.signal}.${said}`, { path: 'trainer.run' })
    case 'unstarted':
      return new TruelineError('program_missing', `${name} cannot be started: ${end.message}.`, { path: 'trainer.run' })
    case 'time':
      return new TruelineError(
        'program_timeout',
        `${name} was not done after ${formatDuration(limits.time)}, and was ended.${said}`,
        { path: 'trainer.limits.time' },
      )
    case 'memory':
      return new TruelineError(
        'program_memory',
        `${name} took ${megabytes(peakMemory ?? 0)} of memory, may take ${megabytes(limits.memory)}, and was ended.${said}`,
        { path: 'trainer.limits.memory' },
      )
    case 'stopped':
      return new TruelineError('training_failed', `${name} was ended: its training is gone.`)
  }
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`
}
