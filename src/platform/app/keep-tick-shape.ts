import { createHook } from 'node:async_hooks'
import process from 'node:process'

let kept: object | undefined

/**
 * Keeps one of node's tick objects for as long as the process lives. A request makes about ten of them, and between two
 * requests there is none: a full garbage collection then forgets what they look like, and V8 makes all later ones the
 * slow way. On node 24.21 that is a tenth of what a prediction over HTTP costs. To be called before much memory is used.
 * @returns whether there is one to keep
 */
export function keepTickShape(): boolean {
  if (kept !== undefined) return true
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'TickObject') kept = resource
    },
  })
  hook.enable()
  process.nextTick(() => undefined)
  hook.disable()
  return kept !== undefined
}
