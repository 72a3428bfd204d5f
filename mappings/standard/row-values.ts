export { plainDecimal } from '../shared/decimal.ts';
