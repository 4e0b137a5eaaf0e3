// The live state in memory, entities cold: applying an event to ten features over four windows, reading fifty features of
// an entity, retrieving a hundred entities. Beside it the same kernel with running sums in plain doubles, which are wrong
// in most windows, and the least that a running sum can cost.
import process from 'node:process'
import { runSide } from './child.ts'
import type { LiveFigures } from './live-measure.ts'
import { median, rounded } from './median.ts'
import type { BenchResult } from './result.ts'

const ROUNDS = Number(process.env['TRUELINE_BENCH_ROUNDS'] ?? 5)

/** Runs both sides in processes of their own, in turn, and takes medians. */
export async function run(): Promise<BenchResult> {
  const exact: LiveFigures[] = []
  const plain: LiveFigures[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    exact.push(runSide<LiveFigures>('live-child.ts', ['exact']))
    plain.push(runSide<LiveFigures>('live-child.ts', ['plain']))
  }
  const of = (figures: readonly LiveFigures[], pick: (round: LiveFigures) => number) => median(figures.map(pick))
  const timesPlain = (pick: (round: LiveFigures) => number) => rounded(of(exact, pick) / of(plain, pick))
  const [ours, reference] = [of(exact, ({ readFifty }) => readFifty), of(plain, ({ readFifty }) => readFifty)]
  const { entities, events, bytes } = exact[0]!.memory
  return {
    bench: 'live',
    ours: rounded(ours),
    reference: rounded(reference),
    ratio: rounded(reference / ours),
    unit: 'us a read of 50 features',
    peak_rss_mb: Math.max(...exact.map(({ peak_rss_mb }) => peak_rss_mb)),
    rounds: ROUNDS,
    entities,
    events,
    apply_10_features_us: rounded(of(exact, ({ apply }) => apply)),
    correct_10_features_us: rounded(of(exact, ({ correct }) => correct)),
    read_10_features_us: rounded(of(exact, ({ readTen }) => readTen)),
    retrieve_100_entities_50_features_ms: rounded(of(exact, ({ retrieve }) => retrieve)),
    replay_ns_a_question_and_window: {
      in_order: rounded(of(exact, ({ inOrder }) => inOrder)),
      late_and_corrected: rounded(of(exact, ({ lateAndCorrected }) => lateAndCorrected)),
    },
    exact_sums_cost_times_plain_doubles: {
      in_order: timesPlain(({ inOrder }) => inOrder),
      late_and_corrected: timesPlain(({ lateAndCorrected }) => lateAndCorrected),
    },
    bytes_an_entity: Math.round(bytes / entities),
    // The windows are exact: each row is a tile of its own.
    bytes_a_tile: Math.round(bytes / events),
  }
}
