import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../../core/canonical.ts'
import type { DataTypeName } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { CommandDefinition } from '../../../language/define/command-definition.ts'
import type { Task } from '../../../language/define/task.ts'
import type { TrainerTask } from '../trainers/trainer.ts'
import { type ProgramColumn, writeRows } from './write-rows.ts'

/** Raised when a program that reads the file would have to read it differently. */
const VERSION = 1

const LABEL = '_label'
const WEIGHT = '_weight'
const TIME = '_t'

/** What a program finds in the file that tells its task; paths are absolute. */
interface ProgramJob {
  readonly version: number
  readonly task: Task
  /** Of a task of several classes: the label is a place among them, from 0 on, and the model gives a probability for each in this order. */
  readonly classes?: readonly string[]
  readonly parameters: Readonly<Record<string, Json>>
  readonly seed: number
  readonly threads: number
  /** What the model may take, in the order that counts where it does not name its inputs. */
  readonly features: readonly { readonly name: string; readonly type: DataTypeName }[]
  /** Names of the columns that are no features. */
  readonly label: string
  /** How much each row counts; absent where all count the same. */
  readonly weight?: string
  readonly time: string
  readonly train: string
  readonly validate: string
  readonly rows: { readonly train: number; readonly validate: number }
  /** The folder that the model and its metrics are looked for in. */
  readonly output: string
}

/** The files of a program's run. */
export interface ProgramFolder {
  /** Tells the task. */
  readonly job: string
  readonly output: string
  /** For what the program needs while it runs. */
  readonly temporary: string
  /**
   * Holds the rows to what they were when they were written.
   * @throws TruelineError `program_output_invalid` when the program changed them
   */
  requireUntouched(): Promise<void>
}

/** Writes what a program is given, in a folder of its own: rows to learn from, rows to choose by, and its task. */
export async function writeProgramJob(
  folder: string,
  {
    definition,
    task,
    classes,
    training,
    validation,
    encoders,
    values,
    inputRows,
    seed,
    threads,
  }: TrainerTask<CommandDefinition>,
): Promise<ProgramFolder> {
  const [data, output, temporary] = [join(folder, 'data'), join(folder, 'output'), join(folder, 'tmp')]
  for (const path of [data, output, temporary]) await mkdir(path, { recursive: true })
  const features = values.map(({ name, input, column }) => {
    const isPlain = encoders.columns?.[column]?.encoder === undefined
    return { name, input, type: isPlain ? encoders.inputs[input]!.type : ('number' as const), isPlain }
  })
  const encodedOnly = encoders.inputs.flatMap((one, input) =>
    features.some((feature) => feature.isPlain && feature.input === input) ? [] : [{ ...one, input }],
  )
  const parts = { train: training, validate: validation }
  const paths = { train: join(data, 'train.parquet'), validate: join(data, 'validate.parquet') }
  for (const part of ['train', 'validate'] as const) {
    const { columns, labels, weights } = parts[part]
    const { columns: inputs, times } = inputRows[part]
    const written: ProgramColumn[] = [
      ...features.map(({ name, input, isPlain }, place) =>
        isPlain ? inputColumn(input) : { name, values: columns[place]!, holds: 'number' as const },
      ),
      ...encodedOnly.map(({ input }) => inputColumn(input)),
      { name: LABEL, values: labels, holds: 'number' },
      ...(weights === undefined ? [] : [{ name: WEIGHT, values: weights, holds: 'number' as const }]),
      { name: TIME, values: times, holds: 'time' },
    ]
    await writeRows(paths[part], written, inputRows.textOf, temporary)
    await chmod(paths[part], 0o444)

    function inputColumn(input: number): ProgramColumn {
      const { name, type, scale } = encoders.inputs[input]!
      const values = inputs[input]!
      if (type === 'string') return { name, values, holds: 'text' }
      return { name, values, holds: 'number', ...(scale === undefined ? {} : { scale }) }
    }
  }
  const job: ProgramJob = {
    version: VERSION,
    ...{ task, parameters: definition.parameters, seed, threads },
    ...(classes === undefined ? {} : { classes }),
    features: features.map(({ name, type }) => ({ name, type })),
    ...{ label: LABEL, time: TIME },
    ...(training.weights === undefined ? {} : { weight: WEIGHT }),
    ...paths,
    rows: { train: training.rows, validate: validation.rows },
    output,
  }
  const path = join(folder, 'job.json')
  await writeFile(path, `${JSON.stringify(job, undefined, 2)}\n`)
  const before = await statesOf(Object.values(paths))
  return {
    ...{ job: path, output, temporary },
    async requireUntouched() {
      if ((await statesOf(Object.values(paths))) === before) return
      throw new TruelineError('program_output_invalid', 'The program changed the rows that it was given.', {
        remedy: `Let it write below the folder that 'output' of its job names, and nowhere else.`,
      })
    },
  }
}

async function statesOf(paths: readonly string[]): Promise<string> {
  const states = await Promise.all(paths.map((path) => stat(path, { bigint: true }).catch(() => undefined)))
  return states
    .map((state) => (state === undefined ? 'gone' : `${state.ino} ${state.size} ${state.mtimeNs}`))
    .join('\n')
}
