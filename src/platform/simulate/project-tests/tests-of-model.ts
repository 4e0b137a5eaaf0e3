import { planVector, sequencesOf } from '../../../data/features/vector.ts'
import type { ModelDefinition, ProjectDefinition } from '../../../language/define/definitions.ts'
import type { ProjectTest, TestStep } from '../../../language/define/scenario.ts'
import type { TestFile } from './find-tests.ts'

/**
 * The tests that a training of a model waits for: those that expect something of the model, of features that it reads, or
 * of rows of a stream that it is made of, and those that expect something of nothing that the project has. Tests of what it does
 * not use cannot say anything about it.
 * @param model name of a model of the project; all tests are of one that it does not have
 * @returns the files that have such tests, with these alone
 */
export function testsOfModel(files: readonly TestFile[], model: string, project: ProjectDefinition): TestFile[] {
  const definition = project.models[model]
  if (definition === undefined) return [...files]
  const used = usedBy(definition, project)
  return files
    .map(({ path, tests }) => ({ path, tests: tests.filter((test) => concerns(test, used, project)) }))
    .filter(({ tests }) => tests.length > 0)
}

/** What a test can be about, as `kind name`. */
type Subject = `${'stream' | 'features' | 'model'} ${string}`

function concerns({ steps }: ProjectTest, used: ReadonlySet<Subject>, project: ProjectDefinition): boolean {
  const expected = steps.flatMap(expectedOf)
  const subjects = expected.length > 0 ? expected : steps.flatMap(givenOf)
  // What the project does not have is a mistake in the test, which is somebody's to see before anything is trained.
  return subjects.length === 0 || subjects.some((subject) => used.has(subject) || !isThere(subject, project))
}

function expectedOf(step: TestStep): Subject[] {
  switch (step.kind) {
    case 'features':
      return [`features ${step.group}`]
    case 'outcome':
    case 'quality':
      return [`stream ${step.stream}`]
    case 'train':
    case 'use':
    case 'inputs':
    case 'prediction':
      return [`model ${step.model}`]
    default:
      return []
  }
}

/** Of a test that says no more than what comes, which is that it is accepted. */
function givenOf(step: TestStep): Subject[] {
  return step.kind === 'events' || step.kind === 'history' ? [`stream ${step.stream}`] : []
}

function isThere(subject: Subject, { streams, features, models }: ProjectDefinition): boolean {
  const [kind, name] = subject.split(' ', 2) as [string, string]
  const definitions = { stream: streams, features, model: models }
  return Object.hasOwn(definitions[kind as keyof typeof definitions], name)
}

function usedBy(model: ModelDefinition, project: ProjectDefinition): ReadonlySet<Subject> {
  const plan = planVector(model, project)
  const groups = plan.groups.map(({ definition: { name } }): Subject => `features ${name}`)
  const streams = [model.at, model.label.from, ...sequencesOf(plan).map(({ stream }) => stream)]
  return new Set<Subject>([`model ${model.name}`, ...groups, ...streams.map((name): Subject => `stream ${name}`)])
}
