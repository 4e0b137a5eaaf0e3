const COMMA = ','
const QUOTE = '"'

/**
 * The fields of a record of CSV: commas, double quotes, doubled inside quotes (RFC 4180). A field that is empty without
 * quotes is null.
 * @returns undefined when a quote stands where none can
 */
export function csvFields(record: string): (string | null)[] | undefined {
  const fields: (string | null)[] = []
  if (!record.includes(QUOTE)) {
    for (const field of record.split(COMMA)) fields.push(field === '' ? null : field)
    return fields
  }
  let at = 0
  for (;;) {
    if (record[at] === QUOTE) {
      const end = closingQuote(record, at + 1)
      if (end === -1 || (end + 1 < record.length && record[end + 1] !== COMMA)) return undefined
      fields.push(record.slice(at + 1, end).replaceAll('""', QUOTE))
      at = end + 1
    } else {
      const comma = record.indexOf(COMMA, at)
      const end = comma === -1 ? record.length : comma
      const field = record.slice(at, end)
      if (field.includes(QUOTE)) return undefined
      fields.push(field === '' ? null : field)
      at = end
    }
    if (at >= record.length) return fields
    at += 1
  }
}

function closingQuote(record: string, from: number): number {
  for (let at = record.indexOf(QUOTE, from); at !== -1; at = record.indexOf(QUOTE, at + 2))
    if (record[at + 1] !== QUOTE) return at
  return -1
}
