import { TruelineError } from '../../core/errors.ts'
import { numberOf } from './verb.ts'

/**
 * The load that replicas are to answer, and how much of each stays free, as --help names them.
 * @throws TruelineError `invalid_arguments`
 */
export function capacityArguments({
  target,
  headroom = '0.3',
}: {
  readonly target: string
  readonly headroom?: string | undefined
}): {
  readonly target: number
  readonly headroom: number
} {
  const asked = { target: numberOf(target, '--target'), headroom: numberOf(headroom, '--headroom') }
  if (asked.target <= 0) throw outside('--target', 'above 0')
  if (asked.headroom < 0 || asked.headroom >= 1) throw outside('--headroom', '0 or more, and less than 1')
  return asked
}

function outside(path: string, bounds: string): TruelineError {
  return new TruelineError('invalid_arguments', `${path} must be ${bounds}.`, { path })
}
