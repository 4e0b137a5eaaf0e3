import { readFileSync } from 'node:fs'
import process from 'node:process'

/** Most memory that this process held at once since it began, MB. */
export function peakMegabytes(): number {
  return Math.round(highWater() / 1024)
}

/** Kilobytes. */
function highWater(): number {
  // Linux counts what the process held that started this one towards its usage, however much that was.
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1])
}
