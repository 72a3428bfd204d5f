import type { SkipRule } from '../shared/row-mapping.ts';

/** Rows that draw nothing from the stock of the pharmacy (his.md a.2, e.6). The view gives the flags; SKIP_REASON is the site's own. */
export const NOT_FROM_STOCK: readonly SkipRule[] = [
  { when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' },
  { when: { ZBBZ: '1' }, reason: '自备药' },
  { when: { ZTBZ: '1' }, reason: '嘱托医嘱' },
  { when: { BYBZ: '1' }, reason: '基数药（科室备药），领到科室时已计' },
];
