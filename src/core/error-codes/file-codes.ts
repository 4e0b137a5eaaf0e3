import type { ErrorMeaning } from './error-code.ts'

/** Of files. */
export const fileCodes = {
  file_not_found: { what: 'There is no file at the path.', status: 400, remedy: 'Check the path of the file.' },
  file_exists: {
    what: 'A file that would be written is there already.',
    status: 409,
    remedy: 'Choose an empty folder, or move the file away.',
  },
  file_unreadable: {
    what: 'A file is damaged, cut short, or not of the format that its name says.',
    status: 400,
    remedy: 'Check that the file is whole and of the format that its name says.',
  },
  file_format_unknown: {
    what: 'The ending of a file names no format that can be imported.',
    status: 400,
    remedy: 'Use a .parquet or a .csv file.',
  },
  source_unavailable: {
    what: 'A source does not answer, breaks off, or is too slow. What came before stands; it is tried again.',
    status: 503,
    remedy: 'Wait for the next attempt, or look after the source; `trueline sources` says when it comes.',
  },
  source_refused: {
    what: 'A source answers, but not with rows: the address, the query, the rights or the form of its pages is wrong.',
    status: 400,
    remedy: 'Mend the definition of the source, or its rights, then run `trueline sources run NAME`.',
  },
  source_changed: {
    what: 'The columns of a source are not those seen before, and its policy does not take them.',
    status: 409,
    remedy: 'Mend the source, or take its new columns with `trueline sources accept NAME`.',
  },
  source_shrunk: {
    what: 'A snapshot of a source lacks more rows than the source allows to be deleted at once; none was deleted.',
    status: 409,
    remedy: 'Find out what became of the rows; if they are to go, raise `deletions.atMost` and run it again.',
  },
  source_busy: {
    what: 'A run of the source is under way.',
    status: 409,
    remedy: 'Wait until it has ended; `trueline sources` shows how it stands.',
  },
  setting_missing: {
    what: 'The environment lacks a variable that the project file names.',
    status: 400,
    remedy: 'Set the variable for the process that runs the platform, and start it again.',
  },
  setting_invalid: {
    what: 'A variable of the environment, or a setting of the project file, is not what it has to be. It is not shown.',
    status: 400,
    remedy: 'Mend it for the process that reads it, and start that again.',
  },
  source_rejected: {
    what: 'So many rows of a source break the schema that it was not taken in.',
    status: 400,
    remedy: 'See the most frequent reasons in the message; mend the source or the schema, or raise the limit.',
  },
} as const satisfies Record<string, ErrorMeaning>
