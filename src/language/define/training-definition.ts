import { TruelineError } from '../../core/errors.ts'
import { type Duration, parseDuration, SECOND } from '../../core/time.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import { parseSize, type Size } from './size.ts'

/** How the pipeline of a model runs: part of no digest, as it changes how long a training takes and nothing else. */
export interface TrainingDefinition {
  /** How long one may take, microseconds, and what its process may take of memory, bytes; absent: no limit. */
  readonly limits?: { readonly time?: number; readonly memory?: number }
  /** Whether the project's own tests run first and must pass. */
  readonly tests: boolean
}

export interface TrainingOptions {
  readonly limits?: { readonly time?: Duration; readonly memory?: Size }
  /** Whether the project's own tests run first and must pass; true unless given. */
  readonly tests?: boolean
}

const knownLimits: OptionsOf<NonNullable<TrainingOptions['limits']>> = { time: true, memory: true }

/**
 * The definition of a model's `training` options.
 * @param place where they are given
 * @throws TruelineError `unknown_option`, `definition_invalid`
 */
export function trainingOf(place: string, { limits = {}, tests = true }: TrainingOptions): TrainingDefinition {
  checkOptions(`${place}.limits`, limits, knownLimits)
  const { time, memory } = limits
  return {
    limits: {
      ...(time === undefined ? {} : { time: timeLimit(time, `${place}.limits.time`) }),
      ...(memory === undefined ? {} : { memory: parseSize(memory, `${place}.limits.memory`) }),
    },
    tests,
  }
}

function timeLimit(given: Duration, path: string): number {
  const time = parseDuration(given, path)
  if (time >= SECOND) return time
  throw new TruelineError('definition_invalid', `${path} is ${given}, and must be at least 1s.`, { path })
}
