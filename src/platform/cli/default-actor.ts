import { userInfo } from 'node:os'
import { assertedIdentity } from '../../governance/identity.ts'

/** Who acts where neither the command nor the operating system says. */
const NOBODY_KNOWN = 'somebody'

/**
 * Who acts unless `--as` says: the user of the operating system, so that the author of a version is known when it comes to
 * its approval. Nobody by name in a container whose user has none, or one that nobody can claim.
 */
export function defaultActor(userName = (): string => userInfo().username): string {
  try {
    return assertedIdentity(userName()).name
  } catch {
    // The operating system has no name for the user, or it is one of the platform's own.
    return NOBODY_KNOWN
  }
}
