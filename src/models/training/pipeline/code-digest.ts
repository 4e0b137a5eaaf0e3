import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Digest } from '../../../core/digest.ts'

/** The floors whose code makes a model; those above them only serve and watch it. */
const floors = ['core', 'language', 'kernel', 'stats', 'stores/lake', 'data', 'models/inference', 'models/training']
/** What a version is watched by is made with it. */
const more = ['operate/monitoring']

/** In the built package, which has no files of these floors: the digest of the sources that it was built from. */
declare const BUILT_CODE_DIGEST: Digest | undefined

let known: Digest | undefined = typeof BUILT_CODE_DIGEST === 'undefined' ? undefined : BUILT_CODE_DIGEST

/**
 * Digest of the code of this package that makes models, file by file: two that differ in a comment differ, and two that
 * give the same models for certain are equal.
 */
export function codeDigest(): Digest {
  if (known !== undefined) return known
  const source = resolve(import.meta.dirname, '../../..')
  const hash = createHash('sha256')
  for (const floor of [...floors, ...more]) {
    const names = readdirSync(join(source, floor), { recursive: true, encoding: 'utf8' })
    for (const name of names.filter(isCode).sort())
      hash
        .update(`${floor}/${name}\0`)
        .update(readFileSync(join(source, floor, name)))
        .update('\0')
  }
  known = `sha256:${hash.digest('hex')}`
  return known
}

function isCode(name: string): boolean {
  return /\.(ts|js|wasm)$/.test(name) && !/\.(test|fixture|d)\.[jt]s$/.test(name)
}
