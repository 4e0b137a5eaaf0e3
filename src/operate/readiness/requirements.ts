import { DAY } from '../../core/time.ts'
import type { LoadVerdict } from './load-test.ts'

/** `stale`: it was shown, too long ago to rely on; `unknown`: nothing shows it, which is not the same as no. */
export type RequirementState = 'pass' | 'fail' | 'stale' | 'unknown'

/** One of the twelve requirements of a production system, with what shows that it is met, or is not. */
export interface Requirement {
  readonly number: number
  readonly name: string
  /** Before a version is deployed, or to operate it. */
  readonly stage: 'deploy' | 'operate'
  readonly state: RequirementState
  /** One sentence. */
  readonly because: string
  /** When it was shown, microseconds; absent where that is now, or it was not. */
  readonly at?: number
  /**
   * Where that comes from: what the platform has on record itself, or what somebody attests to it; `none` where there is
   * nothing on record.
   */
  readonly source: 'platform' | 'attested' | 'none'
  /** Who attests it, asked for it or did it; absent where nobody needed to. */
  readonly by?: string
  /** What would show it; absent of one that passes. */
  readonly remedy?: string
  /** The line at the end of the remedy that can be typed; names in capitals are to be filled in. */
  readonly command?: string
}

/** What is on record about a version that serves; times are microseconds. */
export interface ReadinessFacts {
  readonly model: string
  readonly version: number
  /** Whose rows ask for predictions. */
  readonly stream: string
  /** The newest rebuild of the platform's own making as somebody asked, or else what somebody says. */
  readonly rebuild?: {
    readonly at: number
    readonly by: string
    readonly verdict: 'equal' | 'within_tolerance' | 'differs'
    readonly isOurs: boolean
    /** How many of its inputs were gone, where it could not be made. */
    readonly gone?: number
  }
  /** Its parts and attachments: how many, and those that are missing or not what their digest says. */
  readonly artifacts: { readonly count: number; readonly faults: readonly string[] }
  /** Whether its run says by digest what it learnt from, or was judged on. */
  readonly hasDataset: boolean
  readonly isSigned: boolean
  /** Whether anything but a person begins trainings, and the newest that it began, once it ended. */
  readonly retraining: {
    readonly hasTriggers: boolean
    readonly last?: { readonly at: number; readonly failed: boolean }
  }
  /** Predictions that the parity audits of a day recomputed, the newest that there were. */
  readonly parity?: { readonly at: number; readonly checked: number; readonly mismatches: number }
  /** The newest verdict on rows that the model learns from or reads. */
  readonly quality?: { readonly at: number; readonly verdict: 'pass' | 'warn' | 'fail' | 'insufficient' }
  readonly gate?: { readonly verdict: 'pass' | 'fail' | 'insufficient'; readonly sentence: string }
  readonly approvals: { readonly needed: number; readonly given: number }
  /** Whether decisions of it are owed reasons, and whether it can be explained. */
  readonly explanation: { readonly isOwed: boolean; readonly isThere: boolean }
  /** The newest build context of an image that was written of it. */
  readonly packed?: { readonly at: number; readonly by: string }
  /** The newest of its images that somebody looked at where it was started; its reference is by digest. */
  readonly image?: {
    readonly at: number
    readonly by: string
    readonly image: string
    readonly verdict: 'ready' | 'failed'
  }
  /** Whether it promises anything that a load test can hold answers against. */
  readonly hasObjective: boolean
  /** The newest load test of this very version. */
  readonly loadTest?: {
    readonly number: number
    readonly at: number
    readonly by: string
    readonly verdict: LoadVerdict
    readonly promises: boolean
  }
  /** The newest prediction that is logged. */
  readonly predictedAt?: number
  /** Whether alerts leave the platform, and the newest that somebody acknowledged. */
  readonly alerts: { readonly leave: boolean; readonly acknowledged?: PersonsAct }
  /** The newest rollback of the model. */
  readonly rolledBack?: PersonsAct
  /** Of each runbook that was drilled the newest drill, and how many runbooks there are. */
  readonly drills: readonly Drill[]
  readonly runbooks: number
}

interface PersonsAct {
  readonly at: number
  readonly by: string
}

export interface Drill {
  readonly runbook: string
  readonly at: number
  readonly by: string
  readonly went: 'well' | 'badly'
}

/** How long evidence holds: code, machines and people change. */
const LASTS = 30 * DAY
const FRESH = DAY
/** How long a drill holds: people come and go more slowly than code does. */
const DRILL_LASTS = 90 * DAY

/** The platform's own unless it says otherwise. */
type Found = Omit<Requirement, 'number' | 'name' | 'stage' | 'source'> & Partial<Pick<Requirement, 'source'>>
type Remedy = Pick<Requirement, 'remedy' | 'command'>

/** What is to be done, and the line that does it. */
function bring(command: string, words = ''): Remedy {
  return { remedy: `${words}${command}`, command }
}

function nothing(because: string, remedy: Remedy): Found {
  return { state: 'unknown', source: 'none', because, ...remedy }
}

function attested(by: string): Pick<Requirement, 'source' | 'by'> {
  return { source: 'attested', by }
}

/** The twelve requirements, computed from what is on record; where that is what somebody says, it names who. */
export function judgeRequirements(facts: ReadinessFacts, now: number): readonly Requirement[] {
  const aged: Aged = (at, state, because, remedy) => {
    const isOld = state === 'pass' && now - at > LASTS
    return { state: isOld ? 'stale' : state, because, at, ...(state === 'pass' && !isOld ? {} : remedy) }
  }
  const found: readonly [string, Found][] = [
    ['reproducible training', reproducible(facts, aged)],
    ['versioned artifacts', versioned(facts)],
    ['automated data pipeline', automated(facts, aged)],
    ['training-serving consistency', consistent(facts, now)],
    ['data validation', validated(facts, aged)],
    ['model validation gate', gated(facts)],
    ['containerised serving', contained(facts, aged)],
    ['latency tested under load', loaded(facts, aged)],
    ['monitoring', monitored(facts, now)],
    ['alerting', alerted(facts, aged)],
    ['rollback', rolledBack(facts, aged)],
    ['runbooks', runbooks(facts, now)],
  ]
  return found.map(([name, one], index) => ({
    ...{ number: index + 1, name, stage: index < 7 ? 'deploy' : 'operate', source: 'platform' },
    ...one,
  }))
}

type Aged = (at: number, state: RequirementState, because: string, remedy: Remedy) => Found

function reproducible({ model, version, rebuild }: ReadinessFacts, aged: Aged): Found {
  const remedy = bring(`trueline rebuild ${model} ${version} --keep`)
  if (rebuild === undefined) return nothing('Nobody has made it again from its record.', remedy)
  const { at, by, verdict, isOurs, gone } = rebuild
  const whose = isOurs ? `made again here as ${by} asked` : `says ${by}`
  const shown = isOurs ? { by } : attested(by)
  if (gone !== undefined) {
    const inputs = gone === 1 ? 'one input of its record is' : `${gone} inputs of its record are`
    const because = `It could not be made again, as ${by} asked: ${inputs} gone.`
    return { ...aged(at, 'fail', because, remedy), ...shown }
  }
  if (verdict === 'differs')
    return { ...aged(at, 'fail', `Made again from its record it was another model, ${whose}.`, remedy), ...shown }
  const how = verdict === 'equal' ? 'equal to the bit' : 'within the tolerance that its trainer promises'
  return { ...aged(at, 'pass', `Made again from its record it was ${how}, ${whose}.`, remedy), ...shown }
}

function versioned({ artifacts: { count, faults }, hasDataset, isSigned }: ReadinessFacts): Found {
  if (faults.length > 0)
    return {
      state: 'fail',
      because: `Not what was registered: ${faults.join(', ')}.`,
      ...bring('trueline artifacts check'),
    }
  if (!hasDataset)
    return {
      state: 'fail',
      because: 'Its record does not say by digest which data it comes from.',
      remedy: 'Train or import it again: versions of now keep that.',
    }
  const signed = isSigned ? ', and it is signed' : ''
  return {
    state: 'pass',
    because: `All ${count} parts are what their digests say, its data is on record by digest${signed}.`,
  }
}

function automated({ model, retraining: { hasTriggers, last } }: ReadinessFacts, aged: Aged): Found {
  const remedy = bring(
    `trueline retraining history ${model}`,
    'Give it retrain.schedule or another trigger, and look at: ',
  )
  if (!hasTriggers) return { state: 'fail', because: 'Every training of it is begun by hand.', ...remedy }
  if (last === undefined) return nothing('None of its triggers has led to a training yet.', remedy)
  if (last.failed) return aged(last.at, 'fail', 'The newest training that began by itself failed.', remedy)
  return aged(last.at, 'pass', 'The newest training that began by itself went through.', remedy)
}

function consistent({ model, parity }: ReadinessFacts, now: number): Found {
  const remedy = bring(`trueline features audit --model ${model}`)
  if (parity === undefined) return nothing('No prediction that it served was made again.', remedy)
  const { at, checked, mismatches } = parity
  if (mismatches > 0)
    return {
      state: 'fail',
      because: `Of ${checked.toLocaleString('en')} predictions that were made again ${mismatches.toLocaleString('en')} came out otherwise.`,
      at,
      ...remedy,
    }
  const because = `All ${checked.toLocaleString('en')} predictions that were made again within a day came out the same.`
  return now - at > FRESH ? { state: 'stale', because, at, ...remedy } : { state: 'pass', because, at }
}

function validated({ stream, quality }: ReadinessFacts, aged: Aged): Found {
  if (quality === undefined)
    return nothing(
      'No check was held against its data.',
      bring(
        `trueline quality profile ${stream}`,
        `Give its stream checks (\`trueline quality suggest ${stream}\` has some that its rows keep), bring them into force (\`trueline apply\`), and have all rows judged: `,
      ),
    )
  const { at, verdict } = quality
  if (verdict === 'fail')
    return aged(
      at,
      'fail',
      'The newest batch of its data breached its checks.',
      bring('trueline quality', 'Mend the rows at their source; which check, and where: '),
    )
  if (verdict === 'insufficient')
    return aged(
      at,
      'unknown',
      'The newest batch of its data was too small to judge.',
      bring('trueline quality', 'Wait for a larger batch, or ask fewer rows of it; which check, and how many: '),
    )
  return aged(
    at,
    'pass',
    'The newest batch of its data kept its checks.',
    bring(`trueline quality profile ${stream}`, 'Train it, or where its stream has checks, have all rows judged: '),
  )
}

function gated({ gate, approvals: { needed, given }, explanation, model, version }: ReadinessFacts): Found {
  if (gate === undefined) return nothing('No gate has judged it.', bring(`trueline train ${model}`))
  if (gate.verdict !== 'pass')
    return {
      state: gate.verdict === 'fail' ? 'fail' : 'unknown',
      because: gate.sentence,
      remedy: 'Promote a version that passes its gate.',
    }
  if (given < needed)
    return {
      state: 'fail',
      because: `It passed its gate, and ${given} of ${needed} have approved it.`,
      ...bring(`trueline approve ${model} ${version} --as NAME`),
    }
  if (explanation.isOwed && !explanation.isThere)
    return {
      state: 'fail',
      because: 'Its decisions are owed reasons, and its scores cannot be explained.',
      remedy: 'Train it again: versions of now keep what explains them.',
    }
  return { state: 'pass', because: `It passed its gate and was approved. ${gate.sentence}` }
}

function contained({ model, version, packed, image }: ReadinessFacts, aged: Aged): Found {
  const line = `trueline attest ${model}@${version} --image IMAGE@sha256:... --at http://HOST:7700`
  const attest = bring(line)
  if (image !== undefined) {
    const { at, by, image: name, verdict } = image
    const shown = attested(by)
    if (verdict === 'failed') return { ...aged(at, 'fail', `${name} does not serve it, says ${by}.`, attest), ...shown }
    const because = `${name} was ready with it, after its golden predictions, says ${by}.`
    return { ...aged(at, 'pass', because, attest), ...shown }
  }
  if (packed !== undefined)
    return {
      state: 'unknown',
      because: `What an image is built from was written by ${packed.by}; nobody tells of an image that was started.`,
      at: packed.at,
      ...attested(packed.by),
      ...attest,
    }
  return nothing(
    'It was not packed, and nobody tells of an image of it that was started.',
    bring(
      `trueline package ${model}@${version} --to FOLDER`,
      `Build its image, start it and attest it (\`${line}\`); first: `,
    ),
  )
}

function loaded({ model, hasObjective, loadTest }: ReadinessFacts, aged: Aged): Found {
  const promise = hasObjective ? '' : 'Promise something (serve.slo) and start with it (`trueline up --apply`); '
  const first = `${promise}while the platform runs: `
  const remedy = bring(`trueline loadtest ${model} --for 2m`, `${first.charAt(0).toUpperCase()}${first.slice(1)}`)
  if (loadTest === undefined) return nothing('No load test of this version is kept.', remedy)
  const { number, at, by, verdict, promises } = loadTest
  // Response times are what the client of the test measured and sent.
  const shown = attested(by)
  if (!promises)
    return { ...aged(at, 'unknown', `Load test ${number} had no promise to hold answers against.`, remedy), ...shown }
  if (verdict === 'insufficient')
    return { ...aged(at, 'unknown', `Load test ${number} was too short to say.`, remedy), ...shown }
  const kept = verdict === 'pass' ? 'kept' : 'broke'
  return { ...aged(at, verdict, `Under the load of test ${number} it ${kept} what it promises.`, remedy), ...shown }
}

function monitored({ model, predictedAt }: ReadinessFacts, now: number): Found {
  const remedy = bring(`trueline predict ${model} '{…}'`, 'Ask it for predictions while `trueline up` runs: ')
  if (predictedAt === undefined) return nothing('It has made no prediction to watch.', remedy)
  const because = 'Its service, inputs, scores and outcomes are watched by what it is asked.'
  if (now - predictedAt > FRESH)
    return { state: 'stale', because: `${because} It was not asked within a day.`, at: predictedAt, ...remedy }
  return { state: 'pass', because, at: predictedAt }
}

function alerted({ model, alerts: { leave, acknowledged } }: ReadinessFacts, aged: Aged): Found {
  const where = leave ? '' : 'Give the project alerts({ webhook }) and start it again. '
  const whoever =
    'Whoever gets an alert of it says so (`trueline alerts acknowledge ALERT --as NAME`); to send a test: '
  const remedy = bring(`trueline alerts test ${model}`, `${where}${whoever}`)
  if (!leave) return { state: 'fail', because: 'Alerts reach nobody: they are in the log alone.', ...remedy }
  if (acknowledged === undefined) return nothing('Nobody has acknowledged an alert of it yet.', remedy)
  const { at, by } = acknowledged
  return { ...aged(at, 'pass', 'An alert of it was acknowledged by a person.', remedy), by }
}

function rolledBack({ model, rolledBack: last }: ReadinessFacts, aged: Aged): Found {
  const remedy = bring(
    `trueline rollback ${model} --reason drill`,
    'Drill it, for which a second version must have been promoted, and promote again: ',
  )
  if (last === undefined) return nothing('It was never rolled back.', remedy)
  return { ...aged(last.at, 'pass', 'The version before was made to serve again.', remedy), by: last.by }
}

function runbooks({ drills, runbooks: count }: ReadinessFacts, now: number): Found {
  const remedy = bring(
    'trueline runbook KIND --drilled well --reason TEXT --as NAME',
    'Go through one as if it had happened, and: ',
  )
  const [newest] = drills.toSorted((a, b) => b.at - a.at)
  if (newest === undefined)
    return nothing('Each kind of alert has a page that says what to do; no drill of them is on record.', remedy)
  const bad = drills.find(({ went }) => went === 'badly')
  if (bad !== undefined)
    return {
      state: 'fail',
      because: `The newest drill of ${bad.runbook} went badly, says ${bad.by}.`,
      at: bad.at,
      ...attested(bad.by),
      ...remedy,
    }
  const shown = { at: newest.at, ...attested(newest.by) }
  const held = drills.filter(({ at }) => now - at <= DRILL_LASTS).length
  const last = `the newest, ${newest.runbook}, by ${newest.by}`
  if (held === 0) return { state: 'stale', because: `No runbook was drilled in 90 days; ${last}.`, ...shown, ...remedy }
  return { state: 'pass', because: `In 90 days ${held} of ${count} runbooks were drilled; ${last}.`, ...shown }
}
