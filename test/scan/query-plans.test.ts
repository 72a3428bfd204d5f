import { expect } from 'chai';
import { SELECT_DRUGS, SELECT_CODES, SELECT_HANDED_OUT, SELECT_NEXT_DRUG, SELECT_NEXT_LOT, SELECT_UNCODED, COUNT_STATES, COUNT_UNKNOWN_LOT } from '../../adapter/recall/trace-lots.ts';
import { SELECT_BY_NOTICE, SELECT_LAST_NO, SELECT_LOTS, SELECT_RECALL, SELECT_RECALLS, SELECT_STEPS } from '../../adapter/recall/recall-store.ts';
import { SELECT_RECALLED_LOTS } from '../../adapter/recall/recall-book.ts';
import { SELECT_LAST_EVENT } from '../../adapter/scan/scan-codes.ts';
import { SELECT_NEIGHBOURS } from '../../adapter/scan/serial-run.ts';
import { SELECT_MOVES_AFTER, SELECT_REFUSED } from '../../adapter/scan/patterns/find-abuses.ts';
import { SELECT_ALL_OPENED, SELECT_OPENED_OF_DRUG } from '../../adapter/store/queries/split-stock-view.ts';
import type { SqlValue } from '../../adapter/ports/sql-driver.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { assertUsesIndex, explain } from '../support/explain.ts';
import { onEachStore } from '../support/stores.ts';

const PLANS: readonly [string, string, readonly SqlValue[], readonly string[]][] = [
  ['neighbours of a code', SELECT_NEIGHBOURS, ['H1', 'a', 'b'], ['code_pkey']],
  ['the last event of a code', SELECT_LAST_EVENT, ['H1', 1], ['event_pkey']],
  ['lots under recall', SELECT_RECALLED_LOTS, ['H1'], ['recall_pkey']],
  ['a notice', SELECT_BY_NOTICE, ['H1', 'n', 'a'], ['recall_notice']],
  ['the last recall', SELECT_LAST_NO, ['H1'], ['recall_pkey']],
  ['recalls', SELECT_RECALLS, ['H1'], ['recall_pkey']],
  ['a recall', SELECT_RECALL, ['H1', 1], ['recall_pkey']],
  ['lots of a recall', SELECT_LOTS, ['H1', 1], ['recall_lot_by_recall']],
  ['steps of a recall', SELECT_STEPS, ['H1', 1], ['recall_step_pkey']],
  ['drugs of an approval number', SELECT_DRUGS, ['H1', ''], ['drug_pkey']],
  ['the next drug with codes', SELECT_NEXT_DRUG, ['H1', ''], ['code_by_lot']],
  ['the next lot of a drug', SELECT_NEXT_LOT, ['H1', 'd', ''], ['code_by_lot']],
  ['states of a lot', COUNT_STATES, ['H1', 'd', 'l'], ['code_by_lot']],
  ['packs without a lot', COUNT_UNKNOWN_LOT, ['H1', 'd'], ['code_by_lot']],
  ['codes of a lot', SELECT_CODES, ['H1', 'd', 'l', '', 10], ['code_by_lot']],
  ['dispenses of a lot', SELECT_HANDED_OUT, ['H1', 'd', 'l', 10], ['code_by_lot', 'code_event_pkey', 'event_pkey']],
  ['dispenses of a lot without codes', SELECT_UNCODED, ['H1', 'd', 'l', 10], ['event_line_by_drug', 'event_pkey']],
  ['the history, page by page', SELECT_MOVES_AFTER, ['H1', '', 0, ''], ['code_event_pkey', 'event_pkey', 'code_pkey']],
  ['refused dispenses, page by page', SELECT_REFUSED, ['H1', 0, 0], ['finding_pkey', 'event_pkey']],
  ['all opened packs', SELECT_ALL_OPENED, ['H1'], ['code_opened']],
  ['opened packs of a drug', SELECT_OPENED_OF_DRUG, ['H1', 'd'], ['code_opened']],
];

describe('scan and recall: query plans', () => { onEachStore((open) => {
  for (const [name, sql, params, [index = '', ...others]] of PLANS) {
    it(`reads ${name} by index`, async () => {
      const driver = await open();
      await migrate(driver);
      if (driver.dialect === 'postgres') {
        await assertUsesIndex(driver, sql, params, index);
        return;
      }
      const plan = await explain(driver, { sql, params });
      expect(plan).not.to.match(/\bSCAN (?!CONSTANT)/);
      // a joined table goes by its alias: its primary key is named by the way it is searched
      for (const one of [index, ...others]) expect(plan).to.match(one.endsWith('_pkey') ? /USING PRIMARY KEY \(institution=\?/ : new RegExp(`INDEX ${one} \\(institution=\\?`));
    });
  }
}); });
