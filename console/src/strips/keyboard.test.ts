import { expect, test } from 'vitest'
import { keyAction } from './keyboard.ts'

const context = { from: 0, to: 1000, time: 500, step: 10 }

test('arrows and pages move the cursor, and never out of the axis', () => {
  const to = (key: string, time: number | undefined = 500): unknown => keyAction(key, { ...context, time })
  expect(to('ArrowLeft')).toEqual({ does: 'point', time: 490 })
  expect(to('PageUp')).toEqual({ does: 'point', time: 600 })
  expect(to('PageDown', 40)).toEqual({ does: 'point', time: 0 })
  expect(to('ArrowRight', 999)).toEqual({ does: 'point', time: 999 })
  expect(keyAction('ArrowLeft', { ...context, time: undefined })).toEqual({ does: 'point', time: 990 })
})

test('plus and minus zoom around the cursor', () => {
  expect(keyAction('+', { ...context, time: 200 })).toEqual({ does: 'zoom', from: 100, to: 600 })
  expect(keyAction('-', context)).toEqual({ does: 'zoom', from: -500, to: 1500 })
})

test('other keys are left to the page', () => {
  expect(keyAction('Tab', context)).toBeUndefined()
  expect(keyAction('a', context)).toBeUndefined()
})
