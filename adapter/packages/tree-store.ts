import type { PackageLevel } from '../domain/drug.ts';
import type { SqlQuery } from '../ports/sql-driver.ts';
import { byKeys, manyRows } from '../store/many-rows.ts';
import { packageTree, type PackageNode, type PackageTree } from './package-tree.ts';

/** Who told us of a package: a supplier's bill, the platform's relation, an import file, or a hub that had parsed it already. */
export type PackageOrigin = 'bill' | 'relation' | 'file' | 'hub';

interface StoredNode { code: string; level: number | null; packs: number | null; parent: string | null; smallest: number; state: string }

const COLUMNS = 'code, level, packs, parent, smallest, state';
/** what was told before stays where the new word is silent; a parent told later replaces the earlier one */
const upsertNodes = manyRows(`INSERT INTO package_node (institution, ${COLUMNS}, origin, updated_at)`, 9, `ON CONFLICT (institution, code) DO UPDATE SET
  level = COALESCE(excluded.level, package_node.level), packs = COALESCE(excluded.packs, package_node.packs), parent = COALESCE(excluded.parent, package_node.parent),
  smallest = CASE WHEN excluded.smallest = 1 THEN 1 ELSE package_node.smallest END,
  state = CASE WHEN excluded.state = 'known' AND package_node.state = 'pending' THEN package_node.state ELSE excluded.state END, origin = excluded.origin, updated_at = excluded.updated_at`);
/** primary key of package_node */
export const SELECT_NODE = `SELECT ${COLUMNS} FROM package_node WHERE institution = ? AND code = ?`;
const selectNodes = byKeys(`SELECT ${COLUMNS} FROM package_node WHERE institution = ? AND code IN`);
/** index package_node_by_parent */
export const SELECT_CHILDREN = `SELECT ${COLUMNS} FROM package_node WHERE institution = ? AND parent = ?`;
const selectChildren = byKeys(`SELECT ${COLUMNS} FROM package_node WHERE institution = ? AND parent IN`);
const markRows = manyRows('INSERT INTO package_node (institution, code, level, packs, smallest, state, origin, due_at, updated_at)', 9, `ON CONFLICT (institution, code) DO UPDATE SET
  state = 'pending', due_at = excluded.due_at, updated_at = excluded.updated_at WHERE package_node.state = 'known'`);

/** case, inner, unit: three steps up and three down reach everything */
const LEVELS = 3;
/** codes of one receipt with everything around and in them */
const MAX_NODES = 100_000;

/** Keeps what was told about packages. Rows are written in one order, so that two bills at once cannot wait for each other. */
export async function saveNodes(q: SqlQuery, institution: string, nodes: readonly PackageNode[], from: { readonly origin: PackageOrigin; readonly atMs: number }): Promise<void> {
  const unique = new Map(nodes.map((node) => [node.code, node]));
  await upsertNodes(q, [...unique.values()].sort((a, b) => (a.code < b.code ? -1 : 1)).map((node) => [
    institution, node.code, node.level ?? null, node.packs ?? null, node.parent ?? null, node.smallest === true ? 1 : 0, node.broken === true ? 'broken' : 'known', from.origin, from.atMs,
  ]));
}

/** Cartons whose content has to be asked for; those that are asked for already, or were given up, stay as they are. */
export async function markPending(q: SqlQuery, institution: string, cartons: readonly PackageNode[], atMs: number): Promise<void> {
  const sorted = [...new Map(cartons.map((node) => [node.code, node])).values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  await markRows(q, sorted.map((node) => [institution, node.code, node.level ?? null, node.packs ?? null, 0, 'pending', 'relation', atMs, atMs]));
}

/**
 * @param told what a bill or a scan says about its codes; the store's word comes first
 * @returns the tree of the codes with everything around and in them that is known; bounded in depth and size
 */
export async function loadTree(q: SqlQuery, institution: string, codes: Iterable<string>, told: readonly PackageNode[] = []): Promise<PackageTree> {
  const found = new Map<string, PackageNode>();
  let wanted = [...new Set(codes)];
  const asked = new Set<string>();
  for (let step = 0; step <= LEVELS && wanted.length > 0; step += 1) {
    for (const code of wanted) asked.add(code);
    for (const row of await selectNodes<StoredNode>(q, [institution], wanted)) found.set(row.code, toNode(row));
    wanted = [...new Set([...found.values()].flatMap(({ parent }) => (parent === undefined || asked.has(parent) ? [] : [parent])))];
  }
  let level = [...new Set([...asked, ...found.keys()])];
  for (let step = 0; step < LEVELS && level.length > 0 && found.size < MAX_NODES; step += 1) {
    const below: string[] = [];
    for (const row of await selectChildren<StoredNode>(q, [institution], level)) {
      if (!found.has(row.code) || !asked.has(row.code)) below.push(row.code);
      found.set(row.code, toNode(row));
      asked.add(row.code);
    }
    level = below;
  }
  return packageTree([...found.values(), ...told]);
}

function toNode(row: StoredNode): PackageNode {
  return {
    code: row.code, ...(row.level === null ? {} : { level: row.level as PackageLevel }), ...(row.packs === null ? {} : { packs: row.packs }),
    ...(row.parent === null ? {} : { parent: row.parent }), ...(row.smallest === 1 ? { smallest: true } : {}), ...(row.state === 'broken' ? { broken: true } : {}),
  };
}
