import type { PoolClient, QueryResult } from 'pg';
import type { SqlQuery, SqlRow, SqlValue } from '../../ports/sql-driver.ts';
import { checkParameters } from '../parameters.ts';
import { storeFault, storeFaultOf } from './fault.ts';
import type { Statements } from './statements.ts';

/**
 * The statements of one transaction on one connection. It remembers the first failure: PostgreSQL has given up the whole
 * transaction by then, so a work that swallows the failure must not be told that it was committed.
 */
export class Session implements SqlQuery {
  readonly #client: PoolClient;
  readonly #statements: Statements;
  readonly #onLost: (error: Error) => void;
  #reportLost: (error: Error) => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();
  #open = true;
  /** what the server or the connection said first, before translation */
  failure: unknown;
  /** Rejects when the connection ends while the work is busy with something else. */
  readonly lost: Promise<never>;

  constructor(client: PoolClient, statements: Statements) {
    this.#client = client;
    this.#statements = statements;
    this.lost = new Promise<never>((_, reject) => { this.#reportLost = reject; });
    this.lost.catch(() => undefined);
    this.#onLost = (error) => {
      this.failure ??= error;
      this.#reportLost(storeFaultOf(error) ?? storeFault('STORE_UNAVAILABLE', error.message, error));
    };
    // without a listener a connection that breaks while checked out would end the process
    client.on('error', this.#onLost);
  }

  async get<Row = SqlRow>(sql: string, params: readonly SqlValue[] = []): Promise<Row | undefined> {
    return (await this.#query(sql, params)).rows[0] as Row | undefined;
  }

  async all<Row = SqlRow>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return (await this.#query(sql, params)).rows as Row[];
  }

  async run(sql: string, params: readonly SqlValue[] = []): Promise<number> {
    return (await this.#query(sql, params)).rowCount ?? 0;
  }

  /** BEGIN, COMMIT, ROLLBACK and scripts, without parameters. @returns what the server says it did last */
  async control(sql: string, timeoutMs?: number): Promise<string> {
    const query = timeoutMs === undefined ? { text: sql } : { text: sql, query_timeout: timeoutMs };
    const done = await this.#inOrder(() => this.#client.query(query)) as unknown as QueryResult | QueryResult[];
    const last = Array.isArray(done) ? done.at(-1) : done;
    return last?.command ?? '';
  }

  /** Waits for statements that the work started and did not wait for, then takes no more. */
  async finish(): Promise<void> {
    this.#open = false;
    await this.#last;
  }

  /** Gives the connection back; one that is not sound is ended. */
  leave(sound: boolean): void {
    this.#open = false;
    this.#client.off('error', this.#onLost);
    this.#client.release(!sound);
  }

  #query(sql: string, params: readonly SqlValue[]): Promise<QueryResult> {
    if (!this.#open) return Promise.reject(new Error('the transaction of this query has ended'));
    const { name, text, count } = this.#statements.of(sql);
    const values = [...params];
    return this.#inOrder(() => {
      checkParameters(values, count);
      return this.#client.query(name === undefined ? { text, values } : { name, text, values });
    });
  }

  /** One statement at a time: a connection answers in order, and a failed one must stop those behind it. */
  #inOrder(call: () => Promise<QueryResult>): Promise<QueryResult> {
    const result = this.#last.then(call).catch((error: unknown) => {
      this.failure ??= error;
      throw storeFaultOf(error) ?? error;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
