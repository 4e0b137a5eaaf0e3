import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, delimiter, join, resolve } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { type Digest, digestOf } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { CommandDefinition } from '../../../language/define/command-definition.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import { readProgramFiles } from './program-files.ts'

/** What could change what a program makes, on record with its run. */
export interface ProgramEnvironment {
  readonly run: readonly string[]
  /** The file that is started, once links are followed. */
  readonly executable: { readonly path: string; readonly digest: Digest }
  /** Files of the project that the program is made of, as far as they are named, by their paths from its folder. */
  readonly files: Readonly<Record<string, Digest>>
  readonly lock?: { readonly path: string; readonly digest: Digest }
  /** Of a program of Python, as its own interpreter tells. */
  readonly python?: PythonState
  readonly container?: string
  readonly seed: number
  /** Variables that every program gets, with their values, and names of those that are passed on: values may be secrets. */
  readonly variables: Readonly<Record<string, string>>
  readonly passed: readonly string[]
}

interface PythonState {
  readonly version: string
  readonly implementation: string
  readonly executable: string
  readonly packages: Readonly<Record<string, string>>
}

/** A program with all that it is started with. */
export interface PreparedProgram {
  readonly words: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly record: ProgramEnvironment
  /** Files of the project that it is made of, by their paths; base64. */
  readonly code: Readonly<Record<string, string>>
  /** The lockfile itself. */
  readonly lock?: Uint8Array
}

/** What a program is asked to be the same in everywhere. */
const fixed = { LANG: 'C.UTF-8', TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' }

const MOST_MILLISECONDS = 60_000

/**
 * Looks up what a program stands on, before it runs.
 * @param folder of the project
 * @throws TruelineError `program_missing`, `file_not_found` for a lockfile or another file that is not there, `setting_missing`
 */
export async function prepareProgram(
  { run, lock, files = [], environment, container, seed }: CommandDefinition,
  folder: string,
  { job, temporary, threads }: { readonly job: string; readonly temporary: string; readonly threads: number },
): Promise<PreparedProgram> {
  const path = executableOf(run[0]!, folder)
  const variables = { ...fixed, OMP_NUM_THREADS: String(threads), PYTHONHASHSEED: String(seed) }
  const given: Record<string, string> = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...variables },
    ...Object.fromEntries(environment.map((name) => [name, settingOf(name)])),
    ...{ TMPDIR: temporary, TRUELINE_JOB: job },
  }
  const locked = lock === undefined ? undefined : await readLock(resolve(folder, lock))
  const named = await readProgramFiles(run, files, folder)
  const python = await pythonOf(run, folder, given)
  return {
    words: [path, ...run.slice(1).map((word) => word.replaceAll('{job}', job))],
    environment: given,
    record: {
      run,
      executable: { path: realpathSync(path), digest: await digestOfFile(realpathSync(path)) },
      files: named.digests,
      ...(lock === undefined || locked === undefined ? {} : { lock: { path: lock, digest: digestOf(locked) } }),
      ...(python === undefined ? {} : { python }),
      ...(container === undefined ? {} : { container }),
      ...{ seed, variables, passed: environment },
    },
    code: named.contents,
    ...(locked === undefined ? {} : { lock: locked }),
  }
}

/**
 * Path of the file that a word starts: from the folder of the project where it names a folder, else the first one on the PATH.
 * It is not resolved further: a virtual environment of Python is known by the path of a link.
 */
function executableOf(word: string, folder: string): string {
  const isPath = word.includes('/')
  const places = isPath
    ? [resolve(folder, word)]
    : (process.env['PATH'] ?? '').split(delimiter).map((one) => join(one, word))
  const found = places.find((place) => existsSync(place) && statSync(place).isFile())
  if (found === undefined)
    throw new TruelineError('program_missing', `There is no program '${word}'${isPath ? '' : ' on the PATH'}.`, {
      path: 'trainer.run',
    })
  try {
    accessSync(found, constants.X_OK)
  } catch (cause) {
    throw new TruelineError('program_missing', `'${found}' may not be executed.`, {
      ...{ path: 'trainer.run', cause },
      remedy: `Let it be executed, with chmod +x '${found}', or run it by its interpreter: 'python train.py'.`,
    })
  }
  return found
}

function settingOf(name: string): string {
  const value = process.env[name]
  if (value !== undefined) return value
  throw new TruelineError(
    'setting_missing',
    `The environment has no variable '${name}', which the trainer passes on.`,
    {
      path: 'trainer.environment',
    },
  )
}

async function readLock(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new TruelineError('file_not_found', `The lockfile '${path}' cannot be read.`, { path: 'trainer.lock', cause })
  }
}

const PYTHON_SAYS = `
import importlib.metadata, json, platform, sys
packages = {}
for one in importlib.metadata.distributions():
    packages.setdefault(one.metadata["Name"], one.version)  # the first of two is the one that is imported
print(json.dumps({"version": platform.python_version(), "implementation": platform.python_implementation(),
                  "executable": sys.executable, "packages": dict(sorted(packages.items()))}))`

/**
 * What the Python of a command says of itself: of 'uv run python train.py', all up to the word that is Python is asked.
 * @returns undefined where no word is one
 * @throws TruelineError `program_missing` for a Python that cannot say it
 */
async function pythonOf(
  run: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<PythonState | undefined> {
  const place = run.findIndex((word) => /^(python|pypy)[0-9.]*$/.test(basename(word)))
  if (place === -1) return undefined
  const [first, ...words] = [executableOf(run[0]!, folder), ...run.slice(1, place + 1)]
  try {
    const { stdout } = await promisify(execFile)(first!, [...words, '-c', PYTHON_SAYS], {
      ...{ cwd: folder, env: environment, timeout: MOST_MILLISECONDS, maxBuffer: 2 ** 24 },
    })
    return JSON.parse(stdout) as PythonState
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new TruelineError('program_missing', `'${run[place]}' cannot say which Python it is: ${said.slice(0, 500)}`, {
      ...{ path: 'trainer.run', cause },
    })
  }
}
