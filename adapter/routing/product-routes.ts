import type { ReportLine } from '../ports/destination.ts';

/** What one trace system of a marketing-authorisation holder answers for. Empty = nothing by this way. */
export interface ProductRoute {
  readonly destination: string;
  /** 7-digit product resource codes, any package level */
  readonly prefixes: readonly string[];
  /** GTINs of any length; compared as 14 digits */
  readonly gtins: readonly string[];
  /** names of holders (上市许可持有人) as the drug catalogue writes the manufacturer; blanks and full-width brackets do not matter */
  readonly holders: readonly string[];
  /** everything that no other system answers for */
  readonly others: boolean;
}

/** `elsewhere` = another system answers for it; `unknown` = nobody does, or two claim it: no enterprise may be told. */
export type Owner =
  | { readonly kind: 'one'; readonly destination: string }
  | { readonly kind: 'unknown'; readonly why: string };

export type OwnerOf = (line: ReportLine) => Owner;

/**
 * Who answers for a line: by its codes' product prefix or GTIN, then by the catalogue's codes of the drug, then by the holder's
 * name, then the system for all others. The wrong enterprise is never told: codes of different systems on one line, or a
 * product that two systems list, are unknown.
 */
export function ownerBy(routes: readonly ProductRoute[]): OwnerOf {
  const byProduct = new Map<string, Set<string>>();
  const byHolder = new Map<string, Set<string>>();
  for (const route of routes) {
    for (const prefix of route.prefixes) add(byProduct, prefix, route.destination);
    for (const gtin of route.gtins) add(byProduct, gtin.padStart(14, '0'), route.destination);
    for (const holder of route.holders) add(byHolder, plainName(holder), route.destination);
  }
  const others = routes.filter((route) => route.others).map((route) => route.destination);
  return (line) => {
    const { drug } = line;
    const scanned = new Set(line.codes.map((code) => productKey(code.prefix)).filter((key) => key !== ''));
    // a code that no table lists may still be one of a drug whose other levels are listed
    const catalogued = [drug?.prefixUnit, drug?.prefixInner, drug?.prefixCase, drug?.gtin].filter((key) => key !== undefined).map(productKey);
    const claims = new Set<string>();
    let unlisted = scanned.size === 0;
    for (const key of scanned) {
      const owners = byProduct.get(key);
      if (owners === undefined) unlisted = true;
      else for (const owner of owners) claims.add(owner);
    }
    if (unlisted) for (const key of catalogued) for (const owner of byProduct.get(key) ?? []) claims.add(owner);
    if (claims.size === 0 && drug?.manufacturer !== undefined) for (const owner of byHolder.get(plainName(drug.manufacturer)) ?? []) claims.add(owner);
    if (claims.size === 0) for (const owner of others) claims.add(owner);
    return decide([...claims]);
  };
}

function decide(claims: readonly string[]): Owner {
  const [only] = claims;
  if (only === undefined) return { kind: 'unknown', why: '没有追溯系统负责该产品（destinations.*.products）' };
  if (claims.length > 1) return { kind: 'unknown', why: `同一行的产品同时归 ${[...claims].sort().join('、')} 负责` };
  return { kind: 'one', destination: only };
}

function add(table: Map<string, Set<string>>, key: string, destination: string): void {
  const owners = table.get(key) ?? new Set<string>();
  table.set(key, owners.add(destination));
}

function productKey(prefix: string): string {
  return /^\d{8,14}$/.test(prefix) ? prefix.padStart(14, '0') : prefix;
}

function plainName(name: string): string {
  return name.normalize('NFKC').replace(/\s/g, '').toLowerCase();
}
