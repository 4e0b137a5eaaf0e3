import type { Json } from '../../core/canonical.ts'
import { TruelineError } from '../../core/errors.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import { byName } from './by-name.ts'
import { checkOptions } from './check-options.ts'
import type { CommandDefinition, CommandFormat, Reproducibility } from './command-definition.ts'
import { parseSize, type Size } from './size.ts'
import { splitWords } from './split-words.ts'

export interface CommandOptions {
  /** The program and its arguments, in one text or as a list of words; it runs in the folder of the project, and no shell reads it. */
  readonly run: string | readonly string[]
  /** Lockfile of what the program stands on, such as `requirements.lock`: kept with each run. */
  readonly lock?: string
  /** Files and folders of the project that the program reads beside those that `run` names: kept with each version. */
  readonly files?: readonly string[]
  /** What the program is told besides the task: any JSON. */
  readonly parameters?: Readonly<Record<string, Json>>
  /** 0 unless given. */
  readonly seed?: number
  /** How long the program may run (default 1h), and what it and its children may take of memory (default 4GB). */
  readonly limits?: { readonly time?: Duration; readonly memory?: Size }
  /** The form of the model; without it, whichever of those that are read. */
  readonly format?: CommandFormat
  /** Variables of the platform's environment that the program gets, by their names; without it, only what every program needs. */
  readonly environment?: readonly string[]
  /** Digest of the container image that the program runs in, for the record: `sha256:` and 64 hexadecimal digits. */
  readonly container?: string
  /** What training again on the same rows promises; the same bits unless given. */
  readonly reproducible?: Reproducibility
}

/**
 * Any program as a trainer: it gets Parquet files and a JSON of parameters, and gives a model and its own metrics.
 * @throws TruelineError `definition_invalid` for an option that does not exist or a command that only a shell could read
 * @example command({ run: 'python train.py', lock: 'requirements.lock', parameters: { trees: 200 }, seed: 7, limits: { time: '30m', memory: '2GB' } })
 */
export function command(options: CommandOptions): CommandDefinition {
  checkOptions<CommandOptions>('command', options, {
    ...{ run: true, lock: true, files: true, parameters: true, seed: true, limits: true },
    ...{ format: true, environment: true, container: true, reproducible: true },
  })
  const { run, lock, files, parameters = {}, seed = 0, limits = {}, format, environment = [], container } = options
  checkOptions('command, limits', limits, { time: true, memory: true })
  if (typeof run !== 'string' && !Array.isArray(run))
    throw new TruelineError('definition_invalid', 'command: It does not say what to run.', {
      path: 'command, run',
      remedy: "Name the program: command({ run: 'python train.py' }).",
    })
  return {
    kind: 'command',
    run: typeof run === 'string' ? splitWords(run, 'command, run') : [...run],
    ...(lock === undefined ? {} : { lock }),
    ...(files === undefined ? {} : { files: [...new Set(files)].sort() }),
    parameters: byName(parameters),
    seed,
    limits: {
      time: parseDuration(limits.time ?? '1h', 'command, limits.time'),
      memory: parseSize(limits.memory ?? '4GB', 'command, limits'),
    },
    ...(format === undefined ? {} : { format }),
    environment: [...new Set(environment)].sort(),
    ...(container === undefined ? {} : { container }),
    reproducible: options.reproducible ?? 'bitwise',
  }
}
