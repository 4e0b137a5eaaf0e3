import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A Python of its own with packages of PyPI: made once, below the folder for temporary files, and used again.
 * @param name of the folder
 * @returns the folder of its programs
 * @throws Error with what pip said
 */
export function pythonWith(name: string, packages: readonly string[]): string {
  const folder = join(tmpdir(), `trueline-python-${name}`)
  const bin = join(folder, 'bin')
  const run = (program: string, args: readonly string[]): void => {
    const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0)
      throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? ''} ${stderr} ${stdout}`)
  }
  // Written last: a folder without it was left by an installation that was broken off.
  const marker = join(folder, 'installed')
  if (existsSync(marker)) return bin
  console.error(`engines: installing ${packages.join(', ')} with pip, once ...`)
  run('python3', ['-m', 'venv', '--clear', folder])
  run(join(bin, 'pip'), ['install', '--quiet', ...packages])
  run('touch', [marker])
  return bin
}
