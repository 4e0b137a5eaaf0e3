import type { Client, ClientConfig } from 'pg'
import { TruelineError } from '../../core/errors.ts'
import type { Setting } from '../../language/define/source-definition.ts'
import { type Environment, settingOf } from './setting.ts'

/**
 * A client of the database whose address a setting holds; it has not connected yet.
 * @throws TruelineError `setting_missing`; `setting_invalid` for what is no address of a database: it is never shown, as
 *   there may be a password in it
 */
export async function postgresClient(
  url: Setting,
  environment: Environment,
  config: Omit<ClientConfig, 'connectionString'>,
): Promise<Client> {
  const connectionString = settingOf(url, environment)
  // Loaded by those who use it alone.
  const { Client } = await import('pg')
  // A text of another kind would be taken for a path, or for the name of a host.
  if (/^(postgres(ql)?:\/\/|socket:|\/)/.test(connectionString))
    try {
      return new Client({ ...config, connectionString })
    } catch {
      // What is thrown has the whole address in it.
    }
  const path = typeof url === 'string' ? 'url' : url.env
  const holder = typeof url === 'string' ? "A database's url" : `The environment variable ${url.env}`
  throw new TruelineError('setting_invalid', `${holder} is not the address of a PostgreSQL database.`, {
    path,
    remedy:
      'Write postgres://USER:PASSWORD@HOST:5432/DATABASE, with @ : / # ? % in a password as %40 %3A %2F %23 %3F %25, and start again what reads it.',
  })
}

/** Where a client's database is, as a message may say it: host, port and name, and nothing of who asks. */
export function databaseWords({ host, port, database }: Client): string {
  return `${host}${host.startsWith('/') ? '' : `:${port}`}/${database ?? ''}`
}

const unanswered = /^(ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/

/** What mends a refusal of a database, in a sentence; undefined where its own words are all that is known. */
export function postgresRemedy(cause: unknown, url: Setting): string | undefined {
  const { code = '' } = cause as { readonly code?: string }
  const holder = typeof url === 'string' ? "the database's url" : `the environment variable ${url.env}`
  if (code.startsWith('28')) return `Mend the user or the password in ${holder}.`
  if (code === '3D000') return `Make the database, or mend its name in ${holder}.`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `Mend the host in ${holder}.`
  if (unanswered.test(code)) return `See that the server runs and listens there, or mend the address in ${holder}.`
  if (code === '42501') return 'Give the user of the address the rights to it.'
  if (code === '55P03') return 'See that whoever holds a lock on it lets it go.'
  if (code === '3F000') return 'Make the schema, or name another one.'
  if (code === '42P01') return 'Name a table that is there.'
  return undefined
}
