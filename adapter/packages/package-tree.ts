import type { PackageLevel } from '../domain/drug.ts';

/** A coded package as somebody told us about it. */
export interface PackageNode {
  /** canonical trace code */
  readonly code: string;
  readonly level?: PackageLevel;
  /** smallest packs in it, as declared */
  readonly packs?: number;
  /** package around it */
  readonly parent?: string;
  /** the smallest coded pack, whatever it holds: a carton of 120 bottles with one code counts as one (mah.md section 8) */
  readonly smallest?: boolean;
  /** its content cannot be known, or is not what was declared: its packs are scanned one by one */
  readonly broken?: boolean;
}

/** What a package stands for. */
export type Expansion =
  | { readonly kind: 'whole'; readonly units: readonly string[] }
  /** content not told yet */
  | { readonly kind: 'pending' }
  /** the aggregation does not hold: what is known of it, and why */
  | { readonly kind: 'broken'; readonly units: readonly string[]; readonly why: string };

/** A relation that cannot be: it is left out of the tree. */
export interface RelationFault {
  readonly kind: 'self' | 'cycle' | 'two-parents' | 'level';
  readonly code: string;
  readonly parent: string;
}

/** The packages of some bills and scans, as something to ask. */
export interface PackageTree {
  readonly faults: readonly RelationFault[];
  node(code: string): PackageNode | undefined;
  parentOf(code: string): string | undefined;
  /** nearest first */
  ancestorsOf(code: string): readonly string[];
  childrenOf(code: string): readonly string[];
  expand(code: string): Expansion;
}

/** case → inner → unit, and one to spare */
const MAX_DEPTH = 4;

/**
 * Builds the tree of the nodes; a relation that cannot be (a package in itself, in two packages, in one of its own level or below) is
 * left out and named. Pure; the order of the nodes does not matter but for `two-parents`, where the first one told stands.
 * Source: mah.md section 8, checks C16, C28.
 */
export function packageTree(nodes: Iterable<PackageNode>): PackageTree {
  const known = new Map<string, PackageNode>();
  const parents = new Map<string, string>();
  const faults: RelationFault[] = [];
  const told = [...nodes];
  for (const node of told) known.set(node.code, joined(known.get(node.code), node));
  for (const { code, parent } of told) {
    if (parent === undefined) continue;
    const fault = whyNot({ code, parent }, known, parents);
    if (fault === undefined) parents.set(code, parent);
    else if (fault !== 'repeated') faults.push({ kind: fault, code, parent });
  }
  const children = new Map<string, string[]>();
  for (const [code, parent] of parents) {
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [code]);
    else siblings.push(code);
  }
  for (const siblings of children.values()) siblings.sort();
  return new Tree(known, parents, children, faults);
}

function joined(earlier: PackageNode | undefined, later: PackageNode): PackageNode {
  return earlier === undefined ? later : { ...later, ...earlier, ...(later.broken === true ? { broken: true } : {}) };
}

function whyNot({ code, parent }: { readonly code: string; readonly parent: string }, known: ReadonlyMap<string, PackageNode>, parents: ReadonlyMap<string, string>): RelationFault['kind'] | 'repeated' | undefined {
  if (code === parent) return 'self';
  const present = parents.get(code);
  if (present !== undefined) return present === parent ? 'repeated' : 'two-parents';
  const [inner, outer] = [known.get(code)?.level, known.get(parent)?.level];
  if (inner !== undefined && outer !== undefined && inner >= outer) return 'level';
  let above: string | undefined = parent;
  for (let depth = 0; above !== undefined; depth += 1) {
    if (above === code || depth > MAX_DEPTH) return 'cycle';
    above = parents.get(above);
  }
  return undefined;
}

class Tree implements PackageTree {
  readonly #expanded = new Map<string, Expansion>();

  constructor(readonly known: ReadonlyMap<string, PackageNode>, readonly parents: ReadonlyMap<string, string>, readonly children: ReadonlyMap<string, readonly string[]>, readonly faults: readonly RelationFault[]) {}

  node(code: string): PackageNode | undefined { return this.known.get(code); }
  parentOf(code: string): string | undefined { return this.parents.get(code); }
  childrenOf(code: string): readonly string[] { return this.children.get(code) ?? []; }

  ancestorsOf(code: string): readonly string[] {
    const above: string[] = [];
    for (let next = this.parents.get(code); next !== undefined && above.length <= MAX_DEPTH; next = this.parents.get(next)) above.push(next);
    return above;
  }

  expand(code: string): Expansion {
    const done = this.#expanded.get(code);
    if (done !== undefined) return done;
    const expansion = this.#work(code);
    this.#expanded.set(code, expansion);
    return expansion;
  }

  #work(code: string): Expansion {
    const node = this.known.get(code);
    const inside = this.childrenOf(code);
    if (inside.length === 0) return leaf(code, node);
    const parts = inside.map((child) => this.expand(child));
    const units = parts.flatMap((part) => (part.kind === 'pending' ? [] : part.units));
    const failed = parts.find((part) => part.kind === 'broken');
    if (node?.broken === true || failed !== undefined) return { kind: 'broken', units, why: failed?.why ?? '包装关联关系不可用' };
    if (parts.some((part) => part.kind === 'pending')) return { kind: 'pending' };
    if (node?.packs !== undefined && node.packs !== units.length) return { kind: 'broken', units, why: `声明内含 ${String(node.packs)} 个最小包装，关联关系中有 ${String(units.length)} 个` };
    return { kind: 'whole', units };
  }
}

function leaf(code: string, node: PackageNode | undefined): Expansion {
  if (node?.broken === true) return { kind: 'broken', units: [], why: '包装关联关系不可用' };
  if (node === undefined || node.smallest === true || node.level === 1) return { kind: 'whole', units: [code] };
  return node.level === undefined && (node.packs ?? 1) === 1 ? { kind: 'whole', units: [code] } : { kind: 'pending' };
}

/** A package and one of the packages it is in, both named in one bill or event. */
export interface Overlap {
  readonly code: string;
  /** the outermost of them */
  readonly inside: string;
}

/**
 * @returns every code that is in another code of the same list: platforms refuse a bill with both (mah.md section 4, check C17), and
 *   counting both counts the goods twice
 */
export function overlapsIn(codes: Iterable<string>, tree: PackageTree): readonly Overlap[] {
  const named = new Set(codes);
  const overlaps: Overlap[] = [];
  for (const code of named) {
    const inside = tree.ancestorsOf(code).filter((above) => named.has(above)).at(-1);
    if (inside !== undefined) overlaps.push({ code, inside });
  }
  return overlaps;
}

/** @returns the codes, each once, without those that another one of them stands for: what a bill may carry */
export function withoutCovered(codes: Iterable<string>, tree: PackageTree): readonly string[] {
  const named = new Set(codes);
  return [...named].filter((code) => !tree.ancestorsOf(code).some((above) => named.has(above)));
}
