import { resolve } from 'node:path'
import { TruelineError } from '../../../core/errors.ts'
import {
  createExperiment,
  deleteExperiment,
  deleteExperimentTag,
  findExperimentByName,
  readExperiment,
  renameExperiment,
  restoreExperiment,
  setExperimentTag,
} from '../../../models/experiments/experiments.ts'
import { actorOf } from './caller.ts'
import type { Endpoint } from './endpoint.ts'
import { mistake, pairs, requiredText, text } from './fields.ts'
import { experimentAnswer } from './run-answers.ts'

/** Experiments: where runs are gathered. */
export const experimentEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/experiments/create',
    async run({ host, fields, caller }) {
      const { id } = await createExperiment(host.metadata, {
        name: requiredText(fields, 'name'),
        artifactLocation: locationOf(text(fields, 'artifact_location')),
        tags: pairs(fields, 'tags'),
        by: actorOf({ caller }),
      })
      return { experiment_id: id }
    },
  },
  {
    method: 'GET',
    path: '/experiments/get',
    async run({ host, fields }) {
      return {
        experiment: experimentAnswer(await readExperiment(host.metadata, requiredText(fields, 'experiment_id'))),
      }
    },
  },
  {
    method: 'GET',
    path: '/experiments/get-by-name',
    async run({ host, fields }) {
      const name = requiredText(fields, 'experiment_name')
      const experiment = await findExperimentByName(host.metadata, name)
      if (experiment === undefined)
        throw new TruelineError('unknown_experiment', `Could not find experiment with name '${name}'`)
      return { experiment: experimentAnswer(experiment) }
    },
  },
  {
    method: 'POST',
    path: '/experiments/update',
    async run({ host, fields, caller }) {
      const id = requiredText(fields, 'experiment_id')
      await renameExperiment(host.metadata, id, requiredText(fields, 'new_name'), actorOf({ caller }))
      return {}
    },
  },
  {
    method: 'POST',
    path: '/experiments/delete',
    async run({ host, fields, caller }) {
      await deleteExperiment(host.metadata, requiredText(fields, 'experiment_id'), actorOf({ caller }))
      return {}
    },
  },
  {
    method: 'POST',
    path: '/experiments/restore',
    async run({ host, fields, caller }) {
      await restoreExperiment(host.metadata, requiredText(fields, 'experiment_id'), actorOf({ caller }))
      return {}
    },
  },
  {
    method: 'POST',
    path: '/experiments/set-experiment-tag',
    async run({ host, fields }) {
      const id = requiredText(fields, 'experiment_id')
      await setExperimentTag(host.metadata, id, requiredText(fields, 'key'), text(fields, 'value') ?? '')
      return {}
    },
  },
  {
    method: 'POST',
    path: '/experiments/delete-experiment-tag',
    async run({ host, fields }) {
      await deleteExperimentTag(host.metadata, requiredText(fields, 'experiment_id'), requiredText(fields, 'key'))
      return {}
    },
  },
]

/** A folder without an address is one of the machine: from where the server was started, as the protocol has it. */
function locationOf(given: string | undefined): string | undefined {
  if (given === undefined || given === '') return undefined
  if (given.includes('#'))
    throw mistake('artifact_location', "'artifact_location' URL can't include fragments or params.")
  return /^[a-z][a-z0-9+.-]*:/i.test(given) ? given : resolve(given)
}
