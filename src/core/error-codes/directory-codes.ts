import type { ErrorMeaning } from './error-code.ts'

/** Of the data directory. */
export const directoryCodes = {
  directory_in_use: {
    what: 'Another process owns the data directory.',
    status: 409,
    remedy:
      'Wait for the process named, or end it: Ctrl-C in its terminal ends a command such as train. To run commands beside each other, start `trueline up` first: the command line finds it by itself.',
  },
  directory_newer: {
    what: 'The data was written by a newer version of Trueline.',
    status: 409,
    remedy: 'Use the version of Trueline that wrote the directory, or a newer one.',
  },
  directory_damaged: {
    what: 'Something in the data directory is missing or not what its digest says.',
    status: 500,
    remedy:
      'Ask `trueline doctor` what is damaged; docs/guide/backups.md says how the directory is put back from a backup.',
  },
  state_unusable: {
    what: 'What was saved of the feature state cannot be used.',
    status: 500,
    remedy: 'Nothing is lost: the state is made again from the log, which takes longer.',
  },
  directory_foreign: {
    what: 'The folder holds something else than the data of Trueline.',
    status: 400,
    remedy: 'Name an empty folder for the data, or one that does not exist yet.',
  },
  directory_not_found: {
    what: 'A command that only reads was given a data directory that is not there.',
    status: 404,
    remedy: 'Correct the path of --directory; `trueline up` and `trueline ingest` make a new one.',
  },
  directory_unusable: {
    what: 'The data directory cannot be read or written.',
    status: 400,
    remedy: 'Check that the folder may be read and written by this user.',
  },
  disk_full: {
    what: 'The disk of the data directory has no room left.',
    status: 507,
    remedy: 'Free space on the disk of the data directory and start again; nothing that was acknowledged is lost.',
  },
  log_unavailable: {
    what: 'The event log could not be written, so nothing more is accepted.',
    status: 503,
    remedy: 'The event log cannot be written: see the cause, mend it, and start again.',
  },
  port_in_use: {
    what: 'Another process listens on the port.',
    status: 409,
    remedy: 'Stop the process that uses the port, or choose another one with --port.',
  },
  no_owner: {
    what: 'The command needs a running platform, and none owns the data directory.',
    status: 409,
    remedy: 'Start the platform with `trueline up`.',
  },
} as const satisfies Record<string, ErrorMeaning>
