import process from 'node:process'
import { asTruelineError } from '../../../core/errors.ts'
import { makeLoad, type OpenLoad } from './open-load.ts'

/** The process that makes a load: takes one job from its parent, answers, and ends. It ends with its parent, too. */
process.once('message', (load: OpenLoad) => {
  makeLoad(load)
    .then((result) => process.send?.({ kind: 'result', result }))
    .catch((thrown: unknown) => {
      const { code, message, remedy } = asTruelineError(thrown)
      process.send?.({ kind: 'error', code, message, remedy })
    })
    .finally(() => process.disconnect())
})
process.once('disconnect', () => process.exit())
