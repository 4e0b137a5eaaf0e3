import { createContext, useContext } from 'react'
import type { ReleaseMarker } from '../../../src/platform/api/contract.ts'
import type { Palette } from '../theme.ts'
import type { Tick } from '../time/ticks.ts'
import type { Cursor } from './cursor.ts'

/** Pixels beside each plot, the same in every strip, so that one time stands at one place in all of them. */
export const AXIS = 44
export const GUTTER = 116

/** What all strips share: one time axis, one cursor, one set of colours. */
export interface FrameContext {
  /** The ends of the time axis in microseconds. */
  readonly from: number
  readonly to: number
  readonly zone: string
  /** The width in pixels of the cell that holds a plot, its axis and its gutter. */
  readonly width: number
  readonly ticks: readonly Tick[]
  readonly releases: readonly ReleaseMarker[]
  readonly palette: Palette
  readonly cursor: Cursor
}

const context = createContext<FrameContext | undefined>(undefined)

export const FrameProvider = context.Provider

/** The frame that a strip stands in. */
export function useFrame(): FrameContext {
  const frame = useContext(context)
  if (frame === undefined) throw new Error('A strip stands only inside a frame.')
  return frame
}

/** Where a time stands, in pixels from the left of a plot's cell. */
export function positionOf(time: number, frame: Pick<FrameContext, 'from' | 'to' | 'width'>): number {
  const plot = Math.max(1, frame.width - AXIS - GUTTER)
  return AXIS + ((time - frame.from) / (frame.to - frame.from)) * plot
}
