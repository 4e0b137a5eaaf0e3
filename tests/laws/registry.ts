import { conservation } from './conservation.ts'
import { correction } from './correction.ts'
import { digest } from './digest.ts'
import { engine } from './engine.ts'
import { idempotence } from './idempotence.ts'
import type { Law } from './law.ts'
import { merge } from './merge.ts'
import { noFuture } from './no-future.ts'
import { onlineIsOffline } from './online-is-offline.ts'
import { order } from './order.ts'
import { restart } from './restart.ts'
import { slidingAtRead } from './sliding-at-read.ts'
import { trace } from './trace.ts'

/** The laws by their number in docs/semantics.md; docs/laws.md says what of each is tried. */
export const laws: Readonly<Record<string, Law>> = {
  L1: noFuture,
  L2: onlineIsOffline,
  L3: order,
  L4: idempotence,
  L5: correction,
  L6: merge,
  L7: restart,
  L8: slidingAtRead,
  L9: digest,
  L10: engine,
  L11: conservation,
  L12: trace,
}
