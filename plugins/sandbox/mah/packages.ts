import type { SandboxPackage, UpstreamBill, UpstreamLine } from './settings.ts';

export interface PackageNode {
  readonly package: SandboxPackage;
  readonly parent: PackageNode | undefined;
  readonly line: UpstreamLine;
  readonly bill: UpstreamBill;
}

const MAX_DEPTH = 3;

/** The package trees that suppliers have told the platform: who is inside whom, and on which upstream bill. */
export class PackageRegistry {
  readonly #nodes = new Map<string, PackageNode>();

  constructor(bills: readonly UpstreamBill[]) {
    for (const bill of bills) for (const line of bill.lines) for (const each of line.packages) this.#add({ package: each, parent: undefined, line, bill });
  }

  find(code: string): PackageNode | undefined {
    return this.#nodes.get(code);
  }

  /** @returns codes of the packages around this one, nearest first */
  ancestors(code: string): readonly string[] {
    const codes: string[] = [];
    for (let node = this.#nodes.get(code)?.parent; node !== undefined && codes.length < MAX_DEPTH; node = node.parent) codes.push(node.package.code);
    return codes;
  }

  /** @returns how many smallest packages the code stands for; 1 for a code that no supplier has told of */
  smallestCount(code: string): number {
    const node = this.#nodes.get(code);
    return node === undefined ? 1 : countSmallest(node.package);
  }

  /** @returns how many smallest packages the maker declares for the code, coded or not */
  declaredCount(code: string): number {
    return this.#nodes.get(code)?.package.declaredPacks ?? this.smallestCount(code);
  }

  /** @returns every node of the tree the code belongs to, the outermost first */
  tree(code: string): readonly PackageNode[] {
    let top = this.#nodes.get(code);
    if (top === undefined) return [];
    while (top.parent !== undefined) top = top.parent;
    return flatten(top.package).flatMap((each) => this.#nodes.get(each.code) ?? []);
  }

  #add(node: PackageNode): void {
    this.#nodes.set(node.package.code, node);
    for (const child of node.package.children ?? []) this.#add({ ...node, package: child, parent: node });
  }
}

/** @returns the package and everything in it */
export function flatten(each: SandboxPackage): readonly SandboxPackage[] {
  return [each, ...(each.children ?? []).flatMap(flatten)];
}

function countSmallest(each: SandboxPackage): number {
  return each.children === undefined || each.children.length === 0 ? 1 : each.children.reduce((sum, child) => sum + countSmallest(child), 0);
}
