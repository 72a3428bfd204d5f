import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { SELECT_DUE as PACKAGES_DUE } from '../../adapter/packages/expand-pending.ts';
import { SELECT_CHILDREN, SELECT_NODE } from '../../adapter/packages/tree-store.ts';
import { SELECT_BILL, SELECT_BILLS_BY_DOCUMENT, SELECT_BILLS_BY_NO } from '../../adapter/receiving/bill-store.ts';
import { SELECT_OF_DOCUMENT, SELECT_STEPS } from '../../adapter/receiving/discrepancy-store.ts';
import { SELECT_RECEIPT_BY_KEY, SELECT_RECEIPT_EVENTS, SELECT_UNSEEN } from '../../adapter/receiving/receipt-events.ts';
import { SELECT_DUE, SELECT_UNBILLED } from '../../adapter/receiving/receiving.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { onEachStore } from '../support/stores.ts';

const PLANS = [
  [PACKAGES_DUE, ['H1', 1], 'package_node_due'], [SELECT_NODE, ['H1', 'c'], 'package_node_pkey'], [SELECT_CHILDREN, ['H1', 'c'], 'package_node_by_parent'],
  [SELECT_BILLS_BY_NO, ['H1', 'b'], 'upstream_bill_by_no'], [SELECT_BILLS_BY_DOCUMENT, ['H1', 'd'], 'upstream_bill_by_document'],
  [SELECT_OF_DOCUMENT, ['H1', 'd'], 'discrepancy_pkey'], [SELECT_STEPS, ['H1', 'd'], 'discrepancy_step_pkey'], [SELECT_DUE, ['H1', 1], 'receipt_due'], [SELECT_UNBILLED, ['H1'], 'receipt_unbilled'],
] as const;
/** PostgreSQL may take another index that is as narrow, or join from the other side */
const JOINED = [[SELECT_BILL, ['H1', 's', 'b'], 'upstream_bill_pkey'], [SELECT_RECEIPT_EVENTS, ['H1', 'd'], 'event_by_document'], [SELECT_RECEIPT_BY_KEY, ['H1', 's', 'e'], 'event_key'], [SELECT_UNSEEN, ['H1', '2026-11-22', 1], 'event_by_day']] as const;

onEachStore((open) => {
  describe('receiving: query plans', () => {
    it('reads packages, bills, receipts and discrepancies by the indexes the statements name', async () => {
      const driver: SqlDriver = await open();
      await migrate(driver);
      for (const [sql, params, index] of PLANS) await assertUsesIndex(driver, sql, params, index);
      for (const [sql, params, index] of driver.dialect === 'sqlite' ? JOINED : []) await assertUsesIndex(driver, sql, params, index);
    });
  });
});
