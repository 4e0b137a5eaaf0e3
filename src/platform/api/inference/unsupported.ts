import { TruelineError } from '../../../core/errors.ts'

/** Parameters of Triton's extensions that change what a request means, so that they cannot be passed over. */
const meaningful = {
  request: ['sequence_id', 'sequence_start', 'sequence_end'],
  input: ['shared_memory_region'],
  output: ['shared_memory_region', 'classification'],
  load: ['config'],
} as const

/**
 * Refuses parameters that ask for what the server does not do; others that it does not know mean nothing to it.
 * @param path of what has the parameters
 * @throws TruelineError `unsupported`
 */
export function refuseUnsupported(
  of: keyof typeof meaningful,
  parameters: Readonly<Record<string, unknown>>,
  path: string,
): void {
  // What a client says by default: no sequence at all.
  for (const name of meaningful[of])
    if (parameters[name] !== undefined && parameters[name] !== false && parameters[name] !== 0)
      throw new TruelineError('unsupported', `${path} has the parameter '${name}', which is not supported here.`, {
        path: `${path}.parameters.${name}`,
      })
}
