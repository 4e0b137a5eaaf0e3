import { TruelineError } from '../../../core/errors.ts'
import { categoryParameters, type GbdtParameters, gbdtParameters } from '../../../language/define/gbdt.ts'

/** @throws TruelineError `invalid_parameter` that names the parameter and its range */
export function checkParameters(parameters: GbdtParameters): void {
  for (const [name, { min, max, whole }] of Object.entries({ ...gbdtParameters, ...categoryParameters })) {
    const value = parameters[name as keyof GbdtParameters]
    if (value === undefined && Object.hasOwn(categoryParameters, name)) continue
    if (value !== undefined && value >= min && value <= max && (!whole || Number.isInteger(value))) continue
    const kind = whole ? 'a whole number' : 'a number'
    throw new TruelineError('invalid_parameter', `${name} is ${value}, and must be ${kind} from ${min} to ${max}.`, {
      path: name,
    })
  }
}
