import type { ErrorMeaning } from './error-code.ts'

/** Of rows that are not accepted. */
export const rowCodes = {
  malformed_row: {
    what: 'A row is not a JSON object, or could not be parsed: the reason says at which line and column, or character, and shows nothing of it.',
    status: 400,
    remedy: 'Send a JSON object with the columns of the schema.',
  },
  missing_column: {
    what: 'A row lacks a column that its schema requires.',
    status: 400,
    remedy: 'Send the column, or declare it nullable in the schema.',
  },
  wrong_type: {
    what: 'A value is not of the declared type.',
    status: 400,
    remedy: 'Send a value of the declared type.',
  },
  not_finite: {
    what: 'A number is NaN or infinite.',
    status: 400,
    remedy: 'NaN and infinities are no data: send null where the column is nullable.',
  },
  out_of_domain: {
    what: 'A number is outside the domain in which all results are exact.',
    status: 400,
    remedy: 'Numbers must be zero or between 2^-200 and 2^200 in size; whole numbers at most 2^53 - 1.',
  },
  out_of_range: {
    what: 'A value is outside the range that the schema declares.',
    status: 400,
    remedy: 'Send a value inside the declared range, or widen the range in the schema.',
  },
  invalid_string: {
    what: 'A string is too long, not one of the allowed values, or not well-formed Unicode.',
    status: 400,
    remedy: 'Send well-formed Unicode within the declared length; lone surrogates are refused.',
  },
  check_failed: {
    what: 'A row breaches a check of its stream that is critical.',
    status: 400,
    remedy: 'Mend the row, or the check named in the reason; the row waits as a dead letter.',
  },
  missing_key: { what: 'A column of the key is null.', status: 400, remedy: 'Every column of the key needs a value.' },
  event_in_future: {
    what: 'The event time lies further in the future than the stream allows.',
    status: 400,
    remedy: "Check the producer's clock, or raise the stream's `ahead`.",
  },
  event_too_late: {
    what: 'The event became known later after its event time than the stream allows.',
    status: 400,
    remedy: "Raise the stream's `corrections.within`, or import the rows as history.",
  },
  revision_conflict: {
    what: 'Two rows have the same id and revision and different content.',
    status: 409,
    remedy: "Send changed content under a higher revision; if these are two events, declare the stream's `id`.",
  },
  unknown_class: {
    what: 'An outcome is none of the classes that its model names.',
    status: 400,
    remedy:
      "It labels no prediction: correct it at its source, or add the class to the label's `classes` and train again.",
  },
  label_before_prediction: {
    what: 'An outcome has an event time before the prediction that it would label.',
    status: 400,
    remedy: 'The outcome lies before the time of the prediction that it belongs to: check the clock of its source.',
  },
} as const satisfies Record<string, ErrorMeaning>
