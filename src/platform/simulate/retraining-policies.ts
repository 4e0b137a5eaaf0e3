import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { TruelineError } from '../../core/errors.ts'
import { type RetrainDefinition, type RetrainOptions, retrainOf } from '../../language/define/retrain-definition.ts'

/** Policies that are there without being written down; `own` is what the project file says. */
const builtIn: Readonly<Record<string, RetrainOptions>> = {
  never: {},
  monthly: { schedule: '0 4 1 * *' },
  weekly: { schedule: '0 4 * * 1' },
  'on-drift': { onDrift: { for: '1h' }, cooldown: '1d' },
  'on-performance': { onPerformance: { for: '1h' }, cooldown: '1d' },
}

/** Names of the policies that need no file. */
export const policyNames: readonly string[] = [...Object.keys(builtIn), 'own']

/**
 * A policy by its name, or from a JSON file with the options of a model's `retrain`.
 * @param own the policy of the model
 * @throws TruelineError `invalid_arguments` for a name that is neither, `definition_invalid`
 */
export async function readPolicy(nameOrFile: string, own: RetrainDefinition): Promise<RetrainDefinition> {
  if (nameOrFile === 'own') return own
  const known = Object.hasOwn(builtIn, nameOrFile) ? builtIn[nameOrFile] : undefined
  if (known !== undefined) return retrainOf(`policy '${nameOrFile}'`, known)
  if (!existsSync(nameOrFile))
    throw new TruelineError('invalid_arguments', `'${nameOrFile}' is no policy and no file.`, {
      path: '--policy',
      remedy: `Name one of ${policyNames.join(', ')}, or a JSON file with the options of retrain.`,
    })
  return retrainOf(`policy '${nameOrFile}'`, parseJson(nameOrFile, await readFile(nameOrFile, 'utf8')))
}

function parseJson(path: string, text: string): RetrainOptions {
  try {
    return JSON.parse(text) as RetrainOptions
  } catch (cause) {
    throw new TruelineError('invalid_arguments', `${path} is not JSON.`, { path: '--policy', cause })
  }
}
