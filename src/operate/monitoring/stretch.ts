import type { MonitorWindow } from './window-store.ts'

/** A point of a strip: what was measured in [from, to), microseconds, of the version that served. */
export type Stretch<Point> = Point & { readonly from: number; readonly to: number; readonly version: number }

/** A window that was kept, as a point of a strip. */
export function stretchOf<Point>({ start, length, version, payload }: MonitorWindow): Stretch<Point> {
  return { ...(payload as Point), from: start, to: start + length, version }
}
