import type { SqlValue } from '../../ports/sql-driver.ts';

/** A WHERE clause under construction: texts of ours, values of others only as parameters. */
export interface Conditions {
  /** adds a condition; each `?` takes one parameter */
  and(sql: string, ...params: readonly SqlValue[]): void;
  readonly sql: () => string;
  readonly params: () => readonly SqlValue[];
}

/** @returns conditions that begin with the institution: no query of the views leaves it out */
export function conditionsFor(column: string, institution: string): Conditions {
  const texts = [`${column} = ?`];
  const values: SqlValue[] = [institution];
  return {
    and: (sql, ...params) => {
      texts.push(sql);
      values.push(...params);
    },
    sql: () => texts.join(' AND '),
    params: () => values,
  };
}

/** @returns `?, ?, ?` */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
