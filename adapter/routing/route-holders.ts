import type { Destination } from '../ports/destination.ts';
import { ownerBy, type ProductRoute } from './product-routes.ts';
import { routed } from './routed-destination.ts';
import type { ProductSettings } from './settings.ts';

export interface RoutableDestination {
  readonly destination: Destination;
  /** whether the platform belongs to holders; the insurance platform is told of everything */
  readonly holderSide: boolean;
  readonly products: ProductSettings | undefined;
}

/**
 * Gives every holder-side system its own products. A lone system without a table is told of everything, as most hospitals
 * have it; of several, one without a table is told of nothing but what its table would say, so that nobody is told by mistake.
 */
export function routeHolders(entries: readonly RoutableDestination[]): readonly Destination[] {
  const holders = entries.filter((entry) => entry.holderSide);
  const [only] = holders;
  if (only === undefined || (holders.length === 1 && isEmpty(only.products))) return entries.map((entry) => entry.destination);
  const ownerOf = ownerBy(holders.map(({ destination, products }): ProductRoute => ({
    destination: destination.name, prefixes: products?.prefixes ?? [], gtins: products?.gtins ?? [], holders: products?.holders ?? [], others: products?.others ?? false,
  })));
  return entries.map((entry) => (entry.holderSide ? routed(entry.destination, { ownerOf, keeper: entry === only }) : entry.destination));
}

function isEmpty(products: ProductSettings | undefined): boolean {
  return products === undefined || (products.prefixes.length === 0 && products.gtins.length === 0 && products.holders.length === 0 && products.others === undefined);
}
