import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { asTruelineError } from '../../../core/errors.ts'
import { readOwner } from '../../../stores/directory/owner.ts'
import { directoryOf } from '../directory.ts'
import { printJson, printTable } from '../output.ts'
import { type GlobalOptions, optionsOf, type Verb } from '../verb.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly found: string
  /** What mends it. */
  readonly remedy?: string
}

const PORT = 7700
const FEWEST_FREE_BYTES = 1024 ** 3

/** `doctor`: what stands in the way, and what mends it. */
export const doctor: Verb = (program: Command) => {
  program
    .command('doctor')
    .description(
      'checks node, the project file, the data directory and each file of data and models in it, the port and the disk, and says what mends each',
    )
    .action(async (_options: unknown, command: Command) => {
      const options = optionsOf(command)
      const checks = await Promise.all([
        checkNode(),
        checkProject(options),
        checkDirectory(options),
        checkData(options),
        checkArtifacts(options),
        checkPort(options),
        checkDisk(options),
        checkDuckdb(),
      ])
      const findings = checks.flat()
      if (options.json === true) printJson(findings)
      else
        printTable(
          ['check', '', 'found', 'remedy'],
          findings.map((one) => [one.check, one.ok ? 'ok' : 'failing', one.found, one.remedy]),
        )
      if (findings.some((one) => !one.ok)) process.exitCode = 1
    })
}

async function checkNode(): Promise<Finding> {
  const ok = Number(process.versions.node.split('.')[0]) >= 24
  return { check: 'node', ok, found: process.versions.node, ...(ok ? {} : { remedy: 'Install node 24 or newer.' }) }
}

async function checkProject({ config }: GlobalOptions): Promise<Finding> {
  try {
    const { loadProject } = await import('../../app/load-project.ts')
    const project = await loadProject(config)
    const models = Object.keys(project.models)
    return {
      check: 'project',
      ok: true,
      found: `${config}: ${models.length === 1 ? 'one model' : `${models.length} models`}: ${models.join(', ')}`,
    }
  } catch (thrown) {
    const { message, remedy } = asTruelineError(thrown)
    return { check: 'project', ok: false, found: message, remedy }
  }
}

async function checkDirectory(options: GlobalOptions): Promise<Finding> {
  const directory = directoryOf(options)
  const owner = await readOwner(directory)
  if (owner === undefined)
    return {
      check: 'data directory',
      ok: true,
      found: existsSync(directory) ? `${directory}, free` : `${directory}, not there yet`,
    }
  return {
    check: 'data directory',
    ok: true,
    found: `${directory}, owned by process ${owner.pid}${owner.url === undefined ? '' : ` at ${owner.url}`}`,
  }
}

/** Each file that is missing or not what was written, or one line that says that all are whole. */
async function checkData(options: GlobalOptions): Promise<readonly Finding[]> {
  const directory = directoryOf(options)
  const remedy = 'Put the whole data directory back from a backup: docs/guide/backups.md says how.'
  try {
    const { findDamage } = await import('../../../stores/lake/find-damage.ts')
    const damaged = await findDamage(join(directory, 'log.db'), join(directory, 'lake'))
    if (damaged.length === 0) return [{ check: 'data files', ok: true, found: 'all whole' }]
    return damaged.map(({ path, fault }) => ({ check: 'data files', ok: false, found: `${path} ${fault}`, remedy }))
  } catch (thrown) {
    return [{ check: 'data files', ok: false, found: asTruelineError(thrown).message, remedy }]
  }
}

/** Each file of a model that is missing or changed, and all rows that versions were trained on and that are gone. */
async function checkArtifacts(options: GlobalOptions): Promise<readonly Finding[]> {
  const check = 'files of models'
  try {
    const { findArtifactDamage } = await import('../../app/artifacts/damage-at-rest.ts')
    const { systemClock } = await import('../../../core/clock.ts')
    const damage = await findArtifactDamage(directoryOf(options), systemClock())
    if (damage === undefined) return []
    const faults = [
      ...damage.faults.map(({ path, state, neededBy }) => ({
        found: `${path} ${state === 'missing' ? 'is missing' : 'is not what its digest says'}, needed by ${neededBy.join(', ')}`,
        remedy: 'Put that file back from a backup (docs/guide/backups.md), or train the model again.',
      })),
      ...damage.rows.map(({ digest, neededBy }) => ({
        found: `the file of events ${digest} is missing, which was trained on: ${neededBy.join(', ')}`,
        remedy: 'Put it back from a backup: without it the version serves, and cannot be rebuilt.',
      })),
    ]
    if (faults.length > 0) return faults.map((fault) => ({ check, ok: false, ...fault }))
    return [{ check, ok: true, found: `all ${damage.blobs} whole` }]
  } catch (thrown) {
    const { message, remedy } = asTruelineError(thrown)
    return [{ check, ok: false, found: message, remedy }]
  }
}

async function checkPort(options: GlobalOptions): Promise<Finding> {
  const owner = await readOwner(directoryOf(options))
  if (owner?.url?.endsWith(`:${PORT}`)) return { check: 'port', ok: true, found: `${PORT}, taken by this platform` }
  return await new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () =>
      resolve({
        check: 'port',
        ok: false,
        found: `${PORT} is in use`,
        remedy: 'Choose another one: trueline up --port 7701',
      }),
    )
    probe.listen(PORT, '127.0.0.1', () =>
      probe.close(() => resolve({ check: 'port', ok: true, found: `${PORT} is free` })),
    )
  })
}

async function checkDisk(options: GlobalOptions): Promise<Finding> {
  let folder = directoryOf(options)
  while (!existsSync(folder)) folder = dirname(folder)
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const found = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  return {
    check: 'disk',
    ok: free >= FEWEST_FREE_BYTES,
    found,
    ...(free >= FEWEST_FREE_BYTES ? {} : { remedy: 'Free at least 1 GiB.' }),
  }
}

async function checkDuckdb(): Promise<Finding> {
  try {
    const { version } = await import('@duckdb/node-api')
    return { check: 'DuckDB', ok: true, found: version() }
  } catch (thrown) {
    return {
      check: 'DuckDB',
      ok: false,
      found: asTruelineError(thrown).message,
      remedy: 'Install the dependencies again: npm install',
    }
  }
}
