import type { ErrorMeaning } from './error-code.ts'

/** Of definitions and configuration. */
export const definitionCodes = {
  config_not_found: {
    what: 'There is no project file where one was looked for.',
    status: 400,
    remedy: 'Run the command in a folder with a trueline.config.ts, or name one with --config.',
  },
  config_invalid: {
    what: 'The project file cannot be loaded: a syntax error, a failing import, or no definitions.',
    status: 400,
    remedy: 'Mend the file at the place named, then run the command again.',
  },
  definition_invalid: {
    what: 'A definition says something that cannot be.',
    status: 400,
    remedy: 'Mend the definition named; the guide shows each kind with an example.',
  },
  unknown_column: {
    what: 'A definition names a column that the stream or entity does not have.',
    status: 400,
    remedy: 'Use a column of the schema; the nearest name is suggested.',
  },
  type_mismatch: {
    what: 'A function, aggregate or key was given a column or value of a type that it does not take.',
    status: 400,
    remedy: 'Use a column or value of the type that the function takes.',
  },
  duplicate_definition: {
    what: 'Two different definitions of one kind have the same name.',
    status: 400,
    remedy: 'Give each definition of a kind its own name.',
  },
  needs_restart: {
    what: 'A change that is more than one of features was to be made while the platform runs.',
    status: 409,
    remedy: 'Stop the platform, and start it with `trueline up --apply`.',
  },
  definitions_changed: {
    what: 'The definitions differ from those that the data directory was last run with.',
    status: 409,
    remedy:
      'Bring the definitions back, or take the new ones into force with `trueline apply` (or `trueline up --apply`); `trueline up --in-force` goes on with those before.',
  },
  invalid_duration: {
    what: 'A duration is not written as one.',
    status: 400,
    remedy: 'Write a duration as a whole number and a unit: 90s, 15m, 6h, 7d.',
  },
  invalid_timestamp: {
    what: 'A time is not written as one, is not in the calendar, is in another unit, or lies too far ahead for a prediction.',
    status: 400,
    remedy: 'Write a time as ISO 8601 with a zone, such as 2001-01-31T09:30:00Z, or as whole microseconds since 1970.',
  },
  formula_invalid: {
    what: 'A formula given as text cannot be read, or names a function that does not exist.',
    status: 400,
    remedy: 'Mend the formula at the place named, such as: amount = number(trim(amount)).',
  },
  unknown_zone: {
    what: 'The time-zone table has no zone of that name.',
    status: 400,
    remedy: 'Use a name of the IANA time-zone database, such as Europe/Berlin.',
  },
} as const satisfies Record<string, ErrorMeaning>
