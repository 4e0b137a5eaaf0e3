export { refundSize, sentBack } from './shop-fixture.ts'
