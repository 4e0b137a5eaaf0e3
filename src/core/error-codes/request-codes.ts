import type { ErrorMeaning } from './error-code.ts'

/** Of requests. */
export const requestCodes = {
  invalid_request: {
    what: 'A request does not match the contract of its route, or its body is no JSON: the message says at which line and column, or character, and shows nothing of it.',
    status: 400,
    remedy: 'Mend the request where the message says; /openapi.json describes each route.',
  },
  body_too_large: {
    what: 'The body of a request is larger than is taken at once.',
    status: 413,
    remedy: 'Send fewer rows in a request, or take larger bodies by `limits({ body })` of the project.',
  },
  method_not_allowed: {
    what: 'The address is there, but not by the method of the request.',
    status: 405,
    remedy: "Use a method that the answer's header `allow` names; /openapi.json says what each takes.",
  },
  content_type: {
    what: 'The body of a request is not declared as JSON, or is compressed where that is not taken.',
    status: 415,
    remedy: 'Send JSON with the header content-type: application/json; events may also come as application/x-ndjson.',
  },
  unsupported: {
    what: 'A request asks for something of a protocol that is not done here.',
    status: 501,
    remedy: 'Leave it out; the guide says what of each protocol is supported.',
  },
  host_refused: {
    what: 'The Host or Origin header of a request names another site.',
    status: 403,
    remedy: 'Call the platform by its own address; foreign Host and Origin headers are refused.',
  },
  load_test_not_running: {
    what: 'A request says that it belongs to a load test of a model, and none runs with its token.',
    status: 403,
    remedy: 'Leave the header x-trueline-load-test out; `trueline loadtest` gives its own requests a token.',
  },
  overloaded: {
    what: 'More requests came than can be answered in time.',
    status: 503,
    remedy: 'Try again in a moment; the header Retry-After says when.',
  },
  rate_limited: {
    what: 'A client asks more often than the limits of the project allow.',
    status: 429,
    remedy:
      'Ask again after the seconds that the header Retry-After says, or raise `rate` in the limits of the project.',
  },
  deadline_exceeded: {
    what: 'An answer did not come before the deadline of its request.',
    status: 504,
    remedy:
      'Ask for fewer rows at once, or wait longer: the header x-request-timeout-ms, up to `deadline` of the limits.',
  },
  request_timeout: {
    what: 'A request did not come whole in time.',
    status: 408,
    remedy: 'Send the head and the body of a request without long pauses.',
  },
  upload_interrupted: {
    what: 'A body that is kept as it comes broke off before it was whole, or nothing of it came for a minute.',
    status: 400,
    remedy: 'Send it again from its beginning; nothing of it was kept, and what was there before stands.',
  },
  headers_too_large: {
    what: 'The headers of a request are larger than is taken.',
    status: 431,
    remedy: 'Send fewer or shorter headers: 16 KiB in all.',
  },
  history_unavailable: {
    what: 'The history of events fails or is slow, and is left alone for a while.',
    status: 503,
    remedy: 'Ask again later, or about a time that the live state reaches; `trueline.log` says what failed.',
  },
  platform_stopped: {
    what: 'The platform is shutting down.',
    status: 503,
    remedy: 'The platform is shutting down; try again when it is back.',
  },
  stream_is_output: {
    what: 'Rows were sent to a stream of answers, which the platform alone writes.',
    status: 409,
    remedy: 'Send the rows to the stream that the model is asked by, or to one of their own.',
  },
  not_streamed: {
    what: 'A model is not scored for the events of its stream.',
    status: 409,
    remedy: "Add 'stream' to its serve.modes.",
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
  no_webhook: {
    what: 'An alert is to be sent, and the project does not say where alerts go.',
    status: 409,
    remedy: 'Add alerts({ webhook }) to the project file, and start the platform with it: `trueline up`.',
  },
  alert_undelivered: {
    what: 'The receiver of alerts did not take one that was sent as a test.',
    status: 502,
    remedy: 'Look at the address of alerts({ webhook }), and at the receiver: it has to answer 200 to 299.',
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
