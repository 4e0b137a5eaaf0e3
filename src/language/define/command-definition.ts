import type { Json } from '../../core/canonical.ts'
import type { GateDefinition } from './definitions.ts'

/** A program of the project that learns the model: it is given files and gives files back. */
export interface CommandDefinition {
  readonly kind: 'command'
  /** The program and its arguments, as they are: no shell reads them. `{job}` is the path of the file that tells the task. */
  readonly run: readonly string[]
  /** Lockfile of what the program stands on, from the folder of the project. */
  readonly lock?: string
  /** What it reads of the project beside the files that `run` names: files and folders, from the folder of the project. */
  readonly files?: readonly string[]
  /** What the program is told besides the task. */
  readonly parameters: Readonly<Record<string, Json>>
  /** Of all that the program draws at random. */
  readonly seed: number
  /** How long it may run, microseconds, and what it and its children may take of memory, bytes. */
  readonly limits: { readonly time: number; readonly memory: number }
  /** The form of the model that it writes; absent: whichever it is. */
  readonly format?: CommandFormat
  /** Names of variables of the platform's environment that it gets. */
  readonly environment: readonly string[]
  /** Digest of the container image that it runs in, where it does. */
  readonly container?: string
  readonly reproducible: Reproducibility
}

export type CommandFormat = 'lightgbm' | 'linear' | 'onnx' | 'xgboost'

/** All of them, for checks. */
export const commandFormats: readonly CommandFormat[] = ['lightgbm', 'linear', 'onnx', 'xgboost']

/** What training again on the same rows promises: the same bits, or a metric of the evaluation within a tolerance. */
export type Reproducibility = 'bitwise' | { readonly metric: GateDefinition['metric']; readonly tolerance: number }
