import { packageVersion } from '../../core/package-version.ts'
import { assertedIdentity } from '../../governance/identity.ts'
import { describeSimulation } from '../../operate/retraining/describe-simulation.ts'
import type { Simulation } from '../../operate/retraining/simulation.ts'
import { keepSimulation, listSimulations, readSimulation } from '../../operate/retraining/simulation-store.ts'
import type { SimulationAnswer, SimulationHost } from '../api/simulation-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { servingOf } from './predicting.ts'

/** @param run what every operation goes through */
export function createSimulations(
  { metadata, servings, clock }: Pick<Parts, 'metadata' | 'servings' | 'clock'>,
  run: <Answer>(work: () => Promise<Answer>) => Promise<Answer>,
): SimulationHost {
  return {
    list: (query) => run(async () => (await listSimulations(metadata, query)).map(answerOf)),
    read: (number) => run(async () => answerOf(await readSimulation(metadata, number))),
    keep: (model, report, actor) =>
      run(async () => {
        servingOf(servings, model)
        const by = assertedIdentity(actor.name)
        const kept = { ...report, model, at: clock.now(), program: packageVersion, by }
        return answerOf(await keepSimulation(metadata, kept))
      }),
  }
}

function answerOf(simulation: Simulation): SimulationAnswer {
  return { ...simulation, sentence: describeSimulation(simulation) }
}
