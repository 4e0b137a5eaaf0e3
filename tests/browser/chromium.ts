import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const applications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/**
 * The path of a chromium: `CHROMIUM_PATH`, else one that is installed, else Debian's, which is installed when this runs
 * as root.
 *
 * @throws Error that says how to get one
 */
export function findChromium(): string {
  const given = process.env['CHROMIUM_PATH']
  if (given !== undefined && given !== '') {
    if (existsSync(given)) return given
    throw new Error(`CHROMIUM_PATH names '${given}', which does not exist.`)
  }
  const found = installed() ?? install()
  if (found !== undefined) return found
  throw new Error(
    'No chromium was found, and it could not be installed from here. Install one (Debian and Ubuntu: apt-get install chromium), or name one with CHROMIUM_PATH.',
  )
}

function installed(): string | undefined {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)].filter((folder) => folder !== '')
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...applications].find(existsSync)
}

function install(): string | undefined {
  const root = process.getuid?.() === 0
  if (!root || spawnSync('apt-get', ['--version']).error !== undefined) return undefined
  console.error('browser: installing chromium with apt-get, once ...')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']]) {
    const result = spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env })
    if (result.status !== 0) return undefined
  }
  return installed()
}
