import type { PackageLevel } from '../../../adapter/domain/drug.ts';
import type { ExpandedPackage } from '../../../adapter/ports/upstream.ts';
import { asObject, rowsOf, textOf, type TreeObject } from '../reply-tree.ts';
import { levelOf } from './level.ts';

interface Node { readonly code: string; readonly level: PackageLevel; readonly parent: string }

/** a carton of 10,000 packs is larger than any seen */
const MAX_NODES = 20_000;

/**
 * Reads one entry of query.relation (mah.md 8). Its rows are the whole tree around the code, parents and siblings included: what
 * is left is the code itself and its descendants by `parent_code`. Levels are those of `code_pack_level`, 1 = smallest; `code_level`
 * runs the other way and is not looked at (mah.md 0.6).
 * @returns undefined when the entry contradicts itself: nothing may be received by it
 */
export function readTree(entry: TreeObject, code: string): ExpandedPackage | undefined {
  const nodes = nodesOf(entry);
  const self = nodes.get(code);
  const loneSmallest = textOf(entry['is_smallest']).toUpperCase() === 'Y';
  if (self === undefined) return undefined;
  const tree = descendantsOf(self, nodes, loneSmallest);
  if (tree === undefined) return undefined;
  const smallest = smallestIn(tree);
  const declared = loneSmallest ? '1' : declaredFor(entry, code);
  return {
    code, level: self.level, tree, smallest, declaredPacks: declared,
    // a larger package that opens into nothing is not whole, however little is declared
    isWhole: (declared === '' || Number(declared) === smallest.length) && (loneSmallest || self.level === 1 || tree.length > 1),
    drug: drugOf(entry, code),
  };
}

function nodesOf(entry: TreeObject): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const row of rowsOf(entry['code_relation_list']).slice(0, MAX_NODES)) {
    const level = levelOf(row['code_pack_level']);
    const code = textOf(row['code']);
    if (code !== '' && level !== undefined) nodes.set(code, { code, level, parent: textOf(row['parent_code']) });
  }
  return nodes;
}

function descendantsOf(self: Node, nodes: ReadonlyMap<string, Node>, loneSmallest: boolean): Node[] | undefined {
  const children = new Map<string, Node[]>();
  for (const node of nodes.values()) {
    const around = nodes.get(node.parent);
    // a package stands in a larger one: the direction of the levels is proved by each pair
    if (around !== undefined && around.level <= node.level) return undefined;
    if (node.parent !== '') children.set(node.parent, [...(children.get(node.parent) ?? []), node]);
  }
  const tree: Node[] = [{ ...self, parent: '' }];
  for (const node of tree) if (!loneSmallest) for (const child of children.get(node.code) ?? []) tree.push(child);
  return tree;
}

/** @returns codes with nothing inside; a larger package with nothing inside counts for itself */
function smallestIn(tree: readonly Node[]): string[] {
  const around = new Set(tree.map(({ parent }) => parent));
  return tree.filter(({ code }) => !around.has(code)).map(({ code }) => code);
}

function declaredFor(entry: TreeObject, code: string): string {
  const rows = rowsOf(entry['produce_info_list']);
  const own = rows.find((row) => textOf(row['code']) === code) ?? (rows.length === 1 && textOf(rows[0]?.['code']) === '' ? rows[0] : undefined);
  const amount = textOf(own?.['pkg_amount']);
  return /^\d{1,6}$/.test(amount) && Number(amount) > 0 ? amount : '';
}

function drugOf(entry: TreeObject, code: string): ExpandedPackage['drug'] {
  const [base] = rowsOf(asObject(entry['base_infos_dto'])?.['base_info_list']);
  const rows = rowsOf(entry['produce_info_list']);
  const produced = rows.find((row) => textOf(row['code']) === code) ?? rows[0];
  const of = (name: string, other: string): string => textOf(base?.[name]) || textOf(produced?.[other]);
  return {
    drugName: textOf(base?.['physic_name']), spec: textOf(base?.['prepn_spec']), packSpec: textOf(base?.['pkg_spec']), approvalNo: textOf(base?.['approve_no']),
    lot: of('produce_batch_no', 'batch_no'), producedOn: of('produce_date', 'produce_date'), expiresOn: of('exprie_date', 'expire_date'),
  };
}
