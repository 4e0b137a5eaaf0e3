/**
 * How predictions of load tests are marked: answered and logged like any other, so that what is measured is what others
 * get, and left out of what is watched, told to others and learnt from.
 */
export const LOAD_TEST_MODE = 'loadtest'

/** Header of requests that belong to a load test; it may have any value. */
export const LOAD_TEST_HEADER = 'x-trueline-load-test'
