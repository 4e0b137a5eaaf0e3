import type { ErrorMeaning } from './error-code.ts'

/** Of requests. */
export const requestCodes = {
  invalid_request: {
    what: 'A request does not match the contract of its route.',
    status: 400,
    remedy: 'Mend the request at the path named; /openapi.json describes each route.',
  },
  body_too_large: {
    what: 'The body of a request is larger than is taken at once.',
    status: 413,
    remedy: 'Send fewer rows in a request.',
  },
  content_type: {
    what: 'The body of a request is not declared as JSON.',
    status: 415,
    remedy: 'Send JSON with the header content-type: application/json; events may also come as application/x-ndjson.',
  },
  host_refused: {
    what: 'The Host or Origin header of a request names another site.',
    status: 403,
    remedy: 'Call the platform by its own address; foreign Host and Origin headers are refused.',
  },
  overloaded: {
    what: 'More requests came than can be answered in time.',
    status: 503,
    remedy: 'Try again in a moment; the header Retry-After says when.',
  },
  platform_stopped: {
    what: 'The platform is shutting down.',
    status: 503,
    remedy: 'The platform is shutting down; try again when it is back.',
  },
  no_tests: {
    what: 'There is no test of the project to run.',
    status: 400,
    remedy: 'Write one into a file that ends in .trueline.ts beside the project file, or name a file.',
  },
  tests_invalid: {
    what: 'A file of tests cannot be loaded.',
    status: 400,
    remedy: 'Mend the file at the place named, then run the tests again.',
  },
  tests_outside_run: {
    what: 'A test of a project was declared where nothing runs tests.',
    status: 400,
    remedy: 'Run the file with `trueline test`.',
  },
  invalid_arguments: {
    what: 'A command was given arguments that it does not take.',
    status: 400,
    remedy: 'See --help for what the command takes.',
  },
  internal: {
    what: 'Something happened that the code did not foresee.',
    status: 500,
    remedy: 'This is a defect: please report it with the text of the error.',
  },
} as const satisfies Record<string, ErrorMeaning>
