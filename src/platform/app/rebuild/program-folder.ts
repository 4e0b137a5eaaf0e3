import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Digest } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { TrainerDefinition } from '../../../language/define/trainer-definition.ts'
import type { Artifacts } from '../../../stores/artifacts/artifacts.ts'
import type { RebuildRecord } from './rebuild-record.ts'

/** Folder of the program's files in that of a record. */
const PROGRAM = 'program'

/**
 * Puts the files of a version's program where `programFolderOf` finds them; nothing where not all of them were kept, or where no
 * program made it.
 * @param attachments of the version
 * @throws TruelineError `directory_damaged` for a file that would lie elsewhere
 */
export async function collectProgram(
  artifacts: Pick<Artifacts, 'get'>,
  { definition, model, environment }: RebuildRecord,
  attachments: Readonly<Record<string, Digest>>,
  folder: string,
): Promise<void> {
  const { trainer } = definition.models[model]!
  const { code, lock } = attachments
  if (trainer.kind !== 'command' || code === undefined) return
  const contents = JSON.parse(Buffer.from(await artifacts.get(code)).toString()) as Readonly<Record<string, string>>
  const { files = {} } = (environment['program'] ?? {}) as { readonly files?: object }
  if (Object.keys(files).some((name) => !Object.hasOwn(contents, name))) return
  const put = async (name: string, content: Uint8Array): Promise<void> => {
    const path = resolve(folder, PROGRAM, name)
    if (relative(join(folder, PROGRAM), path).startsWith('..'))
      throw new TruelineError('directory_damaged', `A file of the program would lie at ${path}.`, { path: name })
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content, { mode: 0o755 })
  }
  await mkdir(join(folder, PROGRAM))
  for (const [name, content] of Object.entries(contents)) await put(name, Buffer.from(content, 'base64'))
  if (lock !== undefined && trainer.lock !== undefined) await put(trainer.lock, await artifacts.get(lock))
}

/** Where the program of a record runs: among its own files where all of them were kept, else in the project of now. */
export function programFolderOf(folder: string, trainer: TrainerDefinition, projectFolder: string): string {
  const own = join(folder, PROGRAM)
  return trainer.kind === 'command' && existsSync(own) ? own : projectFolder
}
