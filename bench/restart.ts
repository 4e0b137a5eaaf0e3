// From the start of a process to its first answer over HTTP, with ten features of a million entities in its state: from
// the saved state and the log after it, and, as the reference, from the log alone.
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runSide } from './child.ts'
import { median, rounded } from './median.ts'
import type { StartedServer } from './restart-server-child.ts'
import type { MadeState } from './restart-state-child.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)
const ENTITIES = 1_000_000
const EVENTS = 2_000_000
/** Its features are compared from side to side. */
const CARD = 77

/** A start from the log takes half a minute, so it is timed once, whatever the rounds. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-restart-'))
  try {
    const made = runSide<MadeState>('restart-state-child.ts', [folder, String(ENTITIES), String(EVENTS)])
    const start = () => runSide<StartedServer>('restart-server-child.ts', [folder, String(CARD)])
    const starts = Array.from({ length: ROUNDS }, start)
    renameSync(join(folder, 'data', 'features.state'), join(folder, 'put-aside'))
    const rebuilt = start()
    const [first] = starts
    for (const { answer, entities } of starts)
      if (JSON.stringify(answer) !== JSON.stringify(rebuilt.answer) || entities !== ENTITIES)
        throw new Error(`A start from the saved state answers ${answer}, one from the log ${rebuilt.answer}.`)
    const ours = median(starts.map(({ milliseconds }) => milliseconds))
    return {
      bench: 'restart',
      ours: rounded(ours / 1000),
      reference: rounded(rebuilt.milliseconds / 1000),
      ratio: rounded(rebuilt.milliseconds / ours),
      unit: 's to the first answer',
      peak_rss_mb: Math.max(...starts.map(({ peak_rss_mb }) => peak_rss_mb)),
      rounds: ROUNDS,
      entities: ENTITIES,
      events: EVENTS,
      bytes_per_entity: Math.round(first!.bytes / ENTITIES),
      of_reference: { peak_rss_mb: rebuilt.peak_rss_mb, bytes_per_entity: Math.round(rebuilt.bytes / ENTITIES) },
      file_mb: Math.round(made.file / 2 ** 20),
      save_seconds: rounded(made.saveMilliseconds / 1000),
      longest_stall_ms: rounded(made.longestStall),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
