import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { closingContract } from './sql-driver-closing.ts';
import { concurrencyContract } from './sql-driver-concurrency.ts';
import { transactionContract } from './sql-driver-transactions.ts';
import { valueContract } from './sql-driver-values.ts';

/** What a driver's own test gives: an empty database each time `open` is called. */
export interface DriverUnderTest {
  open(): Promise<SqlDriver>;
}

/** The promises of the port SqlDriver, the same for every database (design §5, §9). */
export function sqlDriverContract(name: string, subject: DriverUnderTest): void {
  describe(`SqlDriver on ${name}`, () => {
    valueContract(subject);
    transactionContract(subject);
    concurrencyContract(subject);
    closingContract(subject);
  });
}
