import { isAbsolute, normalize } from 'node:path/posix'
import { canonicalJson } from '../../core/canonical.ts'
import { type CommandDefinition, commandFormats } from './command-definition.ts'
import type { Mistakes } from './mistakes.ts'
import { type Task, taskMetrics } from './task.ts'

const MOST_SEED = 2 ** 32 - 1
/** A program is told in a second at the earliest that its time is over, and its memory is looked at now and then. */
const LEAST_TIME = 1_000_000
const LEAST_MEMORY = 1_000_000

/** Names that a run records beside the parameters. */
const recorded = ['seed', 'variant'] as const

/** Checks what a program is told to do, and how far it may go. */
export function checkCommand(
  { run, lock, files = [], parameters, seed, limits, format, environment, container, reproducible }: CommandDefinition,
  task: Task,
  mistakes: Mistakes,
): void {
  const require = (holds: boolean, place: string, message: string, remedy?: string): void => {
    if (!holds) mistakes.add('definition_invalid', `trainer.${place}`, message, remedy)
  }
  require(run.length > 0 &&
    run[0] !== '', 'run', 'There is no program.', "Name it: command({ run: 'python train.py' }).")
  require(run.every(isWord), 'run', 'A word of it is no text, or has a character that no argument can have.')
  require(lock === undefined ||
    isInside(lock), 'lock', `'${lock}' does not lie in the folder of the project.`, 'Name a file below it.')
  for (const path of files)
    require(isInside(path), 'files', `'${path}' does not lie in the folder of the project.`, 'Name what lies below it.')
  require(isPlain(parameters), 'parameters', 'They are no JSON: texts, finite numbers, bools, lists and objects.')
  for (const name of recorded)
    require(!Object.hasOwn(
      parameters,
      name,
    ), `parameters.${name}`, `The run has '${name}' on record itself.`, 'Give it another name.')
  require(Number.isInteger(seed) &&
    seed >= 0 &&
    seed <= MOST_SEED, 'seed', `${seed} is not a whole number from 0 to ${MOST_SEED}.`)
  require(limits.time >= LEAST_TIME, 'limits.time', 'It must be at least 1s.')
  require(limits.memory >= LEAST_MEMORY, 'limits.memory', 'It must be at least 1MB.')
  if (format !== undefined) mistakes.known('definition_invalid', 'trainer.format', 'format', format, commandFormats)
  for (const name of environment)
    require(/^[A-Za-z_][A-Za-z0-9_]*$/.test(
      name,
    ), 'environment', `'${name}' is no name of a variable.`, 'Name variables; their values stay in the environment.')
  require(container === undefined ||
    /^sha256:[0-9a-f]{64}$/.test(
      container,
    ), 'container', `'${container}' is no digest.`, 'Write sha256: and 64 hexadecimal digits, as the registry tells it.')
  if (reproducible === 'bitwise') return
  mistakes.known('definition_invalid', 'trainer.reproducible', 'metric', reproducible.metric, taskMetrics[task])
  require(reproducible.tolerance >= 0 &&
    Number.isFinite(reproducible.tolerance), 'reproducible', 'Its tolerance is no number from 0 on.')
}

function isWord(word: unknown): boolean {
  return typeof word === 'string' && !word.includes('\0')
}

function isInside(path: string): boolean {
  return path !== '' && !isAbsolute(path) && !normalize(path).startsWith('..')
}

function isPlain(parameters: unknown): boolean {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return false
  try {
    canonicalJson(parameters)
    return true
  } catch {
    // It names what has no form in JSON, which is all that is asked here.
    return false
  }
}
