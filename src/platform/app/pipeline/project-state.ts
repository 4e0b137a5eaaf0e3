import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Digest } from '../../../core/digest.ts'
import { type CodeState, codeState } from '../../../models/training/code-state.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'

/** The state of a project's code and packages when a model was trained, for the record. */
export interface ProjectState {
  /** Absent where the project is in no repository. */
  readonly git?: CodeState
  /** The lockfile of the project's packages, which lies among the artifacts; absent where there is none. */
  readonly lockfile?: { readonly name: string; readonly digest: Digest }
}

const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

/** The state of the project in a folder. */
export async function projectState(folder: string, artifacts: Pick<Artifacts, 'put'>): Promise<ProjectState> {
  const git = await codeState(folder)
  const path = lockfileOf(folder)
  return {
    ...(git === undefined ? {} : { git }),
    ...(path === undefined
      ? {}
      : {
          lockfile: { name: path.slice(dirname(path).length + 1), digest: await artifacts.put(await readFile(path)) },
        }),
  }
}

/** The lockfile that holds for a folder: its own, or that of the nearest folder above it. */
export function lockfileOf(folder: string): string | undefined {
  for (const name of lockfiles) if (existsSync(join(folder, name))) return join(folder, name)
  const above = dirname(folder)
  return above === folder ? undefined : lockfileOf(above)
}
