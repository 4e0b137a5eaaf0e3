import { TruelineError } from '../../../core/errors.ts'
import { assertedIdentity, type Identity } from '../../../governance/identity.ts'
import { readTrackedRun } from '../../../models/experiments/tracked-run.ts'
import type { Call } from './endpoint.ts'

/** Who is meant where nobody says who calls: the protocol's word for it. */
const UNKNOWN = 'unknown'

/**
 * Who calls by the user name of basic authentication (`MLFLOW_TRACKING_USERNAME`), as an asserted identity; no login
 * stands behind it, and the password is not looked at.
 * @throws TruelineError `invalid_arguments` for a name that is none
 */
export function callerOf(authorization: string | undefined): Identity | undefined {
  const encoded = /^Basic\s+([\w+/=-]+)$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const name = Buffer.from(encoded, 'base64').toString('utf8').split(':')[0]!
  return name === '' ? undefined : assertedIdentity(name)
}

/**
 * By whom an act is: by who calls, else by the user that it names itself.
 * @param user as a run has it
 */
export function actorOf({ caller }: Pick<Call, 'caller'>, user = UNKNOWN): Identity {
  if (caller !== undefined) return caller
  try {
    return assertedIdentity(user)
  } catch (thrown) {
    // Clients name users as they like, also by nothing and by the platform's own names, which nobody can claim.
    if (thrown instanceof TruelineError) return assertedIdentity(UNKNOWN)
    throw thrown
  }
}

/**
 * By whom an act on a run is: by who calls, else by the run's user.
 * @throws TruelineError `unknown_run`
 */
export async function actorOnRun(call: Call, run: string): Promise<Identity> {
  return call.caller ?? actorOf(call, (await readTrackedRun(call.host.metadata, run)).user)
}
