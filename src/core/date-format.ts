import { TruelineError } from './errors.ts'
import { parseTime } from './time.ts'

/** The format of dates and times that `parseTime` reads. */
export const ISO_8601 = 'ISO 8601'

const digits: Readonly<Record<string, number>> = { YYYY: 4, MM: 2, DD: 2, hh: 2, mm: 2, ss: 2 }

/**
 * A test of whether a text is a date or time of the calendar in a format: `ISO 8601`, or text with the fields YYYY, MM, DD, hh, mm
 * and ss, each at most once and with all its digits.
 * @throws TruelineError `definition_invalid` for a format without a year
 * @example dateReader('DD.MM.YYYY')('29.02.2000') // true
 */
export function dateReader(format: string): (text: string) => boolean {
  if (format === ISO_8601) return isIsoTime
  const fields = [...format.matchAll(/YYYY|MM|DD|hh|mm|ss/g)]
  const names = fields.map(([name]) => name)
  if (!names.includes('YYYY') || new Set(names).size < names.length)
    throw new TruelineError('definition_invalid', `'${format}' is not a format of dates.`, {
      remedy: `Use ${ISO_8601}, or the fields YYYY, MM, DD, hh, mm and ss, each at most once.`,
    })
  const literals = format.split(/YYYY|MM|DD|hh|mm|ss/)
  return (text) => {
    if (text.length !== format.length) return false
    const found: Record<string, string> = { MM: '01', DD: '01', hh: '00', mm: '00', ss: '00' }
    let at = 0
    for (const [index, name] of names.entries()) {
      const literal = literals[index]!
      if (!text.startsWith(literal, at)) return false
      at += literal.length
      found[name] = text.slice(at, at + digits[name]!)
      at += digits[name]!
    }
    if (text.slice(at) !== literals.at(-1)) return false
    return isIsoTime(`${found['YYYY']}-${found['MM']}-${found['DD']}T${found['hh']}:${found['mm']}:${found['ss']}Z`)
  }
}

function isIsoTime(text: string): boolean {
  try {
    parseTime(text)
    return true
  } catch {
    return false
  }
}
