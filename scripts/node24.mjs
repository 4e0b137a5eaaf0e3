import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const MAJOR_NEEDED = 24

/**
 * Path of a node binary of at least version 24: the running one when it is new enough, else the one that the
 * toolchain workspace brought from the npm registry.
 * @param {string} root the repository's folder
 * @returns {string | undefined} undefined when neither is there
 */
export function findNode24(root) {
  if (Number(process.versions.node.split('.')[0]) >= MAJOR_NEEDED) return process.execPath
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const binary = process.platform === 'win32' ? 'node.exe' : 'node'
  const candidate = join(root, 'node_modules', `node-${platform}-${process.arch}`, 'bin', binary)
  return existsSync(candidate) ? candidate : undefined
}
