import type { Simulation, SimulationReport } from '../../operate/retraining/simulation.ts'
import type { Actor } from './actor.ts'

/** A comparison of policies of retraining, with what it says in plain words. */
export interface SimulationAnswer extends Simulation {
  readonly sentence: string
}

/** Comparisons of policies that are kept. */
export interface SimulationHost {
  /** Newest first. */
  list(query: {
    readonly model?: string | undefined
    readonly limit?: number | undefined
    readonly offset?: number | undefined
  }): Promise<readonly SimulationAnswer[]>
  /** @throws TruelineError `unknown_simulation` */
  read(number: number): Promise<SimulationAnswer>
  /** @throws TruelineError `unknown_model` */
  keep(model: string, report: SimulationReport, actor: Actor): Promise<SimulationAnswer>
}
