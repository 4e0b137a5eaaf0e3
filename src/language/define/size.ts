import { TruelineError } from '../../core/errors.ts'

/** A number of bytes, such as '500MB' or '20GB'; units are powers of ten. */
export type Size = `${number}${'MB' | 'GB' | 'TB'}`

const units: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 }

/**
 * The bytes of a size.
 * @param path where it is given
 * @throws TruelineError `definition_invalid`
 */
export function parseSize(text: string, path: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(MB|GB|TB)$/.exec(text) ?? []
  if (number !== undefined && unit !== undefined) return Number(number) * units[unit]!
  throw new TruelineError('definition_invalid', `${path}: '${text}' is not a size.`, {
    path,
    remedy: "Write a number and a unit of MB, GB or TB: '20GB'.",
  })
}
