import type { Command } from 'commander'
import { TruelineError } from '../../core/errors.ts'

/** A verb of the command line: adds its command, with its help, to the program. */
export type Verb = (program: Command) => void

/** Options that every verb understands. */
export interface GlobalOptions {
  /** Path of the project file. */
  readonly config: string
  /** Data directory; by default `.trueline` beside the project file. */
  readonly directory?: string
  /** Only data on stdout. */
  readonly json?: boolean
  /** Who acts. */
  readonly as: string
}

/** The options of a command with those of the program. */
export function optionsOf<Own extends object>(command: Command): Own & GlobalOptions {
  return command.optsWithGlobals<Own & GlobalOptions>()
}

/**
 * Who acts, where that must be a person by name: an approval is worth as much as the name under it.
 * @throws TruelineError `invalid_arguments` without --as
 */
export function namedPerson(command: Command): string {
  if (command.getOptionValueSourceWithGlobals('as') !== 'default') return optionsOf(command).as
  throw new TruelineError('invalid_arguments', `To ${command.name()} a version, say who you are.`, {
    path: '--as',
    remedy: 'Give the command your name: --as NAME.',
  })
}

/**
 * Refuses the options that name a project, for a command that makes its own: ignored, they would promise another place.
 * @param place where it writes
 * @throws TruelineError `invalid_arguments`
 */
export function refuseProjectOptions(command: Command, place: string): void {
  const given = ['directory', 'config'].find((name) => command.getOptionValueSourceWithGlobals(name) === 'cli')
  if (given === undefined) return
  throw new TruelineError('invalid_arguments', `${command.name()} takes no --${given}: it writes to ${place}.`, {
    path: `--${given}`,
    remedy: 'Leave it out.',
  })
}

/**
 * The whole number, 0 or above, that an argument says.
 * @param what the argument as --help names it
 * @throws TruelineError `invalid_arguments`
 */
export function wholeNumber(text: string, what: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new TruelineError('invalid_arguments', `${what} is a whole number, not '${text}'.`, { path: what })
}

/**
 * The number that an argument says.
 * @param what the argument as --help names it
 * @throws TruelineError `invalid_arguments`
 */
export function numberOf(text: string, what: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new TruelineError('invalid_arguments', `${what} is a number, not '${text}'.`, { path: what })
}
