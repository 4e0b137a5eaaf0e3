export { arrivalLines, arrivalState } from './parcels-fixture.ts'
