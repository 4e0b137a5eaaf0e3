export type CsvValue = string | number | boolean | undefined

/** Rows as CSV after RFC 4180, with the columns of the first argument; what is undefined stays empty. */
export function toCsv(columns: readonly string[], rows: readonly Readonly<Record<string, CsvValue>>[]): string {
  const lines = [columns.map(quote), ...rows.map((row) => columns.map((column) => quote(row[column])))]
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('')
}

function quote(value: CsvValue): string {
  if (value === undefined) return ''
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Microseconds since 1970 as ISO 8601 in UTC, as CSV files carry them. */
export function isoTime(time: number): string {
  return new Date(time / 1000).toISOString()
}

/** Hands a text to the browser as a file to save. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
