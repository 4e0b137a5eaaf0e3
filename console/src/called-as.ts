/** How the command line is called where the platform runs: the page says so. */
const NAME =
  typeof document === 'undefined'
    ? 'trueline'
    : (document.querySelector<HTMLMetaElement>('meta[name="called-as"]')?.content ?? 'trueline')

/** A command line as it can be typed where the platform runs: from a clone `trueline` alone is on no path. */
export function asCalled(line: string, name = NAME): string {
  return line.replace(/^trueline(?= )/, () => name)
}
