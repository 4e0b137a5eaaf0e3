import { dirname, join, resolve } from 'node:path'
import type { GlobalOptions } from './verb.ts'

/** The project file where none is named. */
export const USUAL_CONFIG = 'trueline.config.ts'

/** The data directory: the one named, else `.trueline` beside the project file. */
export function directoryOf(options: GlobalOptions): string {
  return resolve(options.directory ?? join(dirname(resolve(options.config)), '.trueline'))
}
