import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import type { ServerLoad } from '../../api/load-test-answers.ts'
import type { Parts } from '../assemble-platform.ts'

const RESOLUTION_MS = 10

/** What this process uses; how long its event loop is held up is watched from the first time on that somebody asks. */
export function createServerLoad({ protection, clock }: Pick<Parts, 'protection' | 'clock'>): () => ServerLoad {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  return () => {
    const { user, system } = process.cpuUsage()
    const { active, idle } = performance.eventLoopUtilization()
    const stall = delay.count === 0 ? 0 : Math.max(0, delay.max / 1e6 - RESOLUTION_MS)
    delay.enable()
    delay.reset()
    return {
      ...{ elapsed: clock.elapsed(), cpu: user + system, active: active * 1000, idle: idle * 1000 },
      ...{ stall, waiting: protection.waiting.requests, memory: process.memoryUsage.rss() },
    }
  }
}
