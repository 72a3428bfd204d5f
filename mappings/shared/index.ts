export { rowReading } from './read-rows.ts';
export { loadRowMapping } from './load-row-mapping.ts';
export { describeOverrideProblem } from './override-problem.ts';
export { converterText, mappingText } from './table-text.ts';
export type { OverrideProblem } from './override-problem.ts';
export type { RowMapping } from './row-mapping.ts';
