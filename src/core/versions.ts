/**
 * Versions of the code that gives definitions their meaning: part of every digest. Raise one when the same definition
 * over the same rows may give another value than before.
 */
export const kernelVersion = 1
export const functionTableVersion = 1
