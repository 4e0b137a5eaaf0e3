/**
 * Rows that a function goes over in one call: so it is called often, and compiled as a whole. One that goes over a large
 * entity at once is compiled within its loop, again each time that it leaves it.
 */
export const ROWS_AT_ONCE = 1024
