import type { SqlValue } from '../../adapter/ports/sql-driver.ts';
import { SELECT_DELIVERIES_LOCKED } from '../../adapter/intake/place-settlements.ts';
import { SELECT_BLOCKED, SELECT_HANDED_OUT_SINCE, SELECT_IN_QUARANTINE, SELECT_REFERRING, SELECT_UNITS } from '../../adapter/intake/return-facts.ts';
import { SELECT_SETTLEMENTS, SELECT_VISIT_DISPENSES } from '../../adapter/intake/settlement.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { assertUsesIndex } from '../support/explain.ts';
import { onEachStore } from '../support/stores.ts';

const PLANS: readonly [string, string, readonly SqlValue[], readonly string[]][] = [
  ['settlements of a visit', SELECT_SETTLEMENTS, ['H1', 'V'], ['settlement_pkey']],
  ['dispenses of a visit', SELECT_VISIT_DISPENSES, ['H1', 'V'], ['event_by_visit', 'event_settlement_pkey']],
  ['deliveries to lock', SELECT_DELIVERIES_LOCKED.replace(' FOR UPDATE', ''), ['H1', 1], ['delivery_by_event']],
  ['units of an event', SELECT_UNITS, ['H1', 1], ['event_line_pkey']],
  ['events that name one', SELECT_REFERRING, ['H1', 'his', 'E'], ['event_by_refers']],
  ['blocked lines', SELECT_BLOCKED, ['H1', 1], ['delivery_by_event']],
  ['later dispenses of a code', SELECT_HANDED_OUT_SINCE, ['H1', 'c', 1], ['code_event_pkey', 'event_pkey']],
  ['a dispense in quarantine', SELECT_IN_QUARANTINE, ['H1', 'his', 'E'], ['record_by_control_id']],
];

describe('intake: query plans of settlements and returns', () => { onEachStore((open) => {
  for (const [name, sql, params, indexes] of PLANS) {
    it(`reads ${name} by index`, async () => {
      const driver = await open();
      await migrate(driver);
      for (const index of indexes) await assertUsesIndex(driver, sql, params, index);
    });
  }
}); });
