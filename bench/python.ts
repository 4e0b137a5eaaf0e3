// The Python of references, with the libraries that they are written against.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/** A library of Python: what it is imported as, and packages that bring it, the first that can be had. */
export interface PythonLibrary {
  readonly module: string
  readonly packages: readonly string[]
}

/** The same library without what graphics cards need, where it is to be had. */
export const xgboost: PythonLibrary = { module: 'xgboost', packages: ['xgboost-cpu', 'xgboost'] }
export const lightgbm: PythonLibrary = { module: 'lightgbm', packages: ['lightgbm'] }

/**
 * A Python that has these libraries: the one that TRUELINE_BENCH_PYTHON names, or one of our own in `folder`.
 * @throws Error when pip cannot install them
 */
export function pythonWith(libraries: readonly PythonLibrary[], folder: string): string {
  const named = process.env['TRUELINE_BENCH_PYTHON']
  if (named !== undefined) return named
  const environment = join(folder, 'python')
  const python = join(environment, 'bin', 'python')
  const check = ['-c', libraries.map(({ module }) => `import ${module}`).join('\n')]
  if (existsSync(python) && spawnSync(python, check).status === 0) return python
  process.stderr.write(`Installing ${libraries.map(({ module }) => module).join(', ')} for the reference, once.\n`)
  runPython('python3', ['-m', 'venv', '--clear', environment])
  for (const { packages } of libraries)
    if (!packages.some((name) => spawnSync(python, ['-m', 'pip', 'install', '--quiet', name]).status === 0))
      throw new Error(
        `pip installed none of ${packages.join(', ')}: install it, and name its Python in TRUELINE_BENCH_PYTHON.`,
      )
  runPython(python, check)
  return python
}

/**
 * What a Python prints.
 * @throws Error with what it wrote to stderr when it failed
 */
export function runPython(python: string, args: readonly string[]): string {
  // Threads that spin while they wait would make libraries many times slower on a machine that does anything else.
  const env = { ...process.env, OMP_WAIT_POLICY: 'passive' }
  const child = spawnSync(python, args, { encoding: 'utf8', env })
  if (child.status !== 0)
    throw new Error(`${[python, ...args].join(' ')} failed: ${child.error?.message ?? child.stderr}`)
  return child.stdout
}
