import { expect, test } from 'vitest'
import { systemClock } from '../../core/clock.ts'
import { TruelineError } from '../../core/errors.ts'
import { limits } from '../../language/define/limits.ts'
import { createProtection } from '../../operate/serving/protection/protection.ts'
import type { Parts } from './assemble-platform.ts'
import { reasonsNotReady } from './readiness.ts'
import { createUnderWay } from './under-way.ts'

test('it is not ready while a model does not serve, the log takes nothing, or it shuts down, and says which', () => {
  const serving = { served: undefined as object | undefined }
  let waiting: readonly string[] = []
  const log = { failure: undefined as TruelineError | undefined }
  const protection = createProtection(limits(), systemClock())
  const underWay = createUnderWay()
  const servings = new Map([['tips', serving]])
  const rawModels = { reasonsNotReady: () => waiting }
  const parts = { log, protection, underWay, servings, rawModels } as unknown as Parts
  expect(reasonsNotReady(parts)).toEqual(["No version of 'tips' serves yet."])
  serving.served = {}
  expect(reasonsNotReady(parts)).toEqual([])
  waiting = ["The raw model 'text' does not serve."]
  expect(reasonsNotReady(parts)).toEqual(waiting)
  waiting = []
  log.failure = new TruelineError('disk_full', 'The disk is full.')
  expect(reasonsNotReady(parts)).toEqual(['The log takes nothing: The disk is full.'])
  log.failure = undefined
  protection.isDraining = true
  expect(reasonsNotReady(parts)).toEqual(['The platform is shutting down.'])
})
