import { TruelineError } from '../../core/errors.ts'
import type { Setting } from '../../language/define/source-definition.ts'

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The text of a setting.
 * @throws TruelineError `setting_missing` when the environment does not have it
 */
export function settingOf(setting: Setting, environment: Environment): string {
  if (typeof setting === 'string') return setting
  const value = environment[setting.env]
  if (value !== undefined && value !== '') return value
  throw new TruelineError('setting_missing', `The environment variable ${setting.env} is not set.`, {
    path: setting.env,
  })
}
