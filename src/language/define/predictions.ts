import { type Duration, parseDuration } from '../../core/time.ts'
import { checkOptions } from './check-options.ts'
import { withHidden } from './mentions.ts'
import type { PredictionLogDefinition, PredictionsDefinition } from './prediction-log-definition.ts'
import { parseSize, type Size } from './size.ts'

/** Options of `serve.log`. */
export interface PredictionLogOptions {
  /** Whether an answer waits until the prediction is on disk; it may precede the disk by 50 ms unless given. */
  readonly sync?: boolean
  /** How long predictions are kept; at least a day, for ever unless given. */
  readonly retain?: Duration
  /** What they may take in the lake, beyond which the oldest go. */
  readonly disk?: Size
  /** Share that is logged, above 0 and up to 1; a hash of the row and its time says which. All unless given. */
  readonly sample?: number
  /** Columns of the row that are kept as a keyed hash: they can be compared, and never be read. */
  readonly mask?: readonly string[]
}

interface PredictionsOptions {
  readonly retain?: Duration
  readonly disk?: Size
  readonly sink?: string
  readonly features?: boolean
}

/**
 * How long predictions are kept, and who is told of them; a project has at most one such definition.
 * @param options `retain`: how long, for models that do not say it; `disk`: what those of all models may take in the lake;
 *   `sink`: an address that each logged prediction is posted to, in batches of CloudEvents; `features`: with its features
 * @throws TruelineError `definition_invalid`, `invalid_duration`
 * @example predictions({ retain: '90d', disk: '50GB', sink: 'https://events.example.com/trueline' })
 */
export function predictions(options: PredictionsOptions): PredictionsDefinition {
  checkOptions('predictions', options, { retain: true, disk: true, sink: true, features: true })
  const { retain, disk, sink, features } = options
  const definition: PredictionsDefinition = {
    kind: 'predictions',
    ...(retain === undefined ? {} : { retain: parseDuration(retain, 'predictions, retain') }),
    ...(disk === undefined ? {} : { disk: parseSize(disk, 'predictions, disk') }),
    ...(sink === undefined ? {} : { sink }),
    ...(features === undefined ? {} : { features }),
  }
  return withHidden(definition, [], {})
}

/** The definition of `serve.log`; one of the two words stays what it is. */
export function predictionLog(
  log: 'group' | 'sync' | PredictionLogOptions | undefined,
  place: string,
): 'group' | 'sync' | PredictionLogDefinition {
  if (log === undefined || typeof log === 'string') return log ?? 'group'
  checkOptions(place, log, { sync: true, retain: true, disk: true, sample: true, mask: true })
  const { sync = false, retain, disk, sample, mask } = log
  return {
    sync,
    ...(retain === undefined ? {} : { retain: parseDuration(retain, `${place}.retain`) }),
    ...(disk === undefined ? {} : { disk: parseSize(disk, `${place}.disk`) }),
    ...(sample === undefined ? {} : { sample }),
    ...(mask === undefined ? {} : { mask }),
  }
}
