import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import { openPostgres } from '../../adapter/store/postgres/driver.ts';
import { sqlDriverContract } from '../contracts/sql-driver.contract.ts';
import { postgresOrSkip, type TestDatabase, type TestPostgres } from '../support/postgres.ts';

describe('store/postgres', () => {
  let postgres: TestPostgres | undefined;
  let database: TestDatabase | undefined;
  before(async function () {
    postgres = await postgresOrSkip(this);
    database = await postgres.createDatabase();
  });
  after(() => database?.drop());

  const open = async (): Promise<SqlDriver> => {
    const driver = await openPostgres({ url: database?.url ?? '' });
    await driver.script('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    return driver;
  };
  sqlDriverContract('PostgreSQL', { open });
});
