import type { SqlQuery } from '../ports/sql-driver.ts';
import { byKeys } from '../store/many-rows.ts';

/**
 * Other members of the institution's alliance (医联体) in this store of whose dispenses it may be told. Separate institutions are not
 * told of each other: without a setting there are none.
 */
export type MembersOf = (institution: string) => readonly string[];

export const NO_MEMBERS: MembersOf = () => [];

/** primary key of code */
const selectGone = byKeys(`SELECT code FROM code WHERE institution = ? AND state IN ('dispensed', 'opened') AND code IN`);
const MAX_MEMBERS = 200;

/** @returns those of the codes that are dispensed or opened at a member; which one and to whom is not read */
export async function dispensedElsewhere(q: SqlQuery, members: readonly string[], codes: readonly string[]): Promise<ReadonlySet<string>> {
  const gone = new Set<string>();
  for (const member of members.slice(0, MAX_MEMBERS)) for (const { code } of await selectGone<{ code: string }>(q, [member], codes)) gone.add(code);
  return gone;
}
