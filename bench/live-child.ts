// One side of the live benchmark: live-child.ts exact|plain. Prints its figures.
import { registerHooks } from 'node:module'
import process from 'node:process'

if (process.argv[2] === 'plain') {
  const plain = new URL('live-plain-sums.ts', import.meta.url).href
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const isSwapped = resolved.url.endsWith('/kernel/exact-sum.ts') && context.parentURL !== plain
      return isSwapped ? { ...resolved, url: plain } : resolved
    },
  })
}
const { measure } = await import('./live-measure.ts')
console.log(JSON.stringify(measure()))
