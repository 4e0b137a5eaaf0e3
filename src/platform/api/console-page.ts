/** What the built page says of how the command line is called; the console shows its commands so. */
const SAID = /(<meta name="called-as" content=")[^"]*"/

/** The console's page, which says how the command line is called here, such as `npx trueline`. */
export function consolePage(html: string, calledAs: string): string {
  const escaped = calledAs.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return html.replace(SAID, (_, start: string) => `${start}${escaped}"`)
}
