import process from 'node:process'
import { seededRandom } from '../../core/random.ts'
import { createPredictionSink, type PredictionSink, type SinkCursor } from '../../operate/serving/prediction-sink.ts'
import { readSetting, writeSetting } from '../../stores/metadata/settings.ts'
import type { Parts } from './assemble-platform.ts'

const SETTING = 'prediction_sink'

/** The sink of a project's predictions, if it names one; a directory remembers how far it came. */
export async function openPredictionSink({
  project,
  predictions,
  metadata: { database },
  logger,
}: Pick<Parts, 'project' | 'predictions' | 'metadata' | 'logger'>): Promise<PredictionSink | undefined> {
  const { sink: url, features = false } = project.predictions ?? {}
  if (url === undefined) return undefined
  return await createPredictionSink({
    ...{ url, features, predictions, random: seededRandom(process.pid) },
    onSkip: (prediction, reason) =>
      logger.warn({ prediction, reason }, `The receiver of predictions refused ${prediction} for good.`),
    onMiss: ({ model, version }, rows) =>
      logger.warn({ model, version, rows }, 'Predictions were removed before their receiver had taken them.'),
    cursor: {
      load: async () => (await readSetting(database, SETTING)) as SinkCursor | undefined,
      save: (cursor) => writeSetting(database, SETTING, cursor),
    },
  })
}
