import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import type { OwnedPlatform } from '../../src/platform/app/open-platform.ts'

/** Changes versions back and forth, and looks for what is still held of those that served: the one that serves, and the one before. */
export async function swapAndForget(platform: OwnedPlatform, row: object): Promise<void> {
  const serving = platform.parts.servings.get('sent_back')!
  const served: WeakRef<object>[] = []
  for (let swap = 0; swap < 20; swap += 1) {
    if (swap % 2 === 0) await platform.rollback('sent_back', { name: 'ben' }, 'Drill.')
    else await platform.promote('sent_back', 2, { name: 'ben' })
    await platform.predict('sent_back', [row], { mode: 'loadtest' })
    served.push(new WeakRef(serving.served!))
  }
  serving.flush(true)
  await platform.parts.log.drained()
  serving.flush()
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = (): number => served.filter((one) => one.deref() !== undefined).length
  for (let turn = 0; turn < 20 && held() > 2; turn += 1) {
    await setImmediate()
    collect()
  }
  expect(held()).toBeLessThanOrEqual(2)
}
