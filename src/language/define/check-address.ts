import type { Mistakes } from './mistakes.ts'

/** Checks an address that something is posted to. */
export function checkAddress(address: string, place: string, mistakes: Mistakes): void {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    mistakes.add('definition_invalid', place, `'${address}' is not an http or https address.`)
}
