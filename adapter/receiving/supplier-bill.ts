import type { PackageLevel } from '../domain/drug.ts';
import type { PackageNode } from '../packages/package-tree.ts';

/** What a supplier, or a platform, says about a code beside its being on the bill. */
export const CODE_STATUSES = ['not-activated', 'cancelled', 'unknown', 'recalled'] as const;
export type CodeStatus = (typeof CODE_STATUSES)[number];

/** A trace code of a supplier's bill, at the level the supplier sent it. */
export interface BilledCode {
  /** canonical text */
  readonly code: string;
  readonly level?: PackageLevel;
  /** smallest packs in it */
  readonly packs?: number;
  readonly parent?: string;
  /** the smallest coded pack whatever it holds */
  readonly smallest?: boolean;
  readonly status?: CodeStatus;
}

export interface BillLine {
  readonly lineNo: string;
  /** HIS drug id, where the sender knows it */
  readonly drug?: string;
  readonly drugName?: string;
  readonly approvalNo?: string;
  readonly lot?: string;
  /** yyyy-MM-dd or yyyy-MM */
  readonly expiresOn?: string;
  readonly producedOn?: string;
  /** smallest packs the bill says it delivers */
  readonly packs?: number;
  readonly codes: readonly BilledCode[];
}

/** Enterprise on a bill, by code, name or both. */
export interface BillParty { readonly code?: string; readonly name?: string }

/** 上游单据: what a supplier says it delivered, whichever way it reached us. */
export interface SupplierBill {
  readonly billNo: string;
  readonly supplier: BillParty;
  /** for whom it was made out; left out: not said */
  readonly addressee?: BillParty;
  /** number of the hospital's own receipt document, where known */
  readonly documentNo?: string;
  /** withdrawn by the supplier */
  readonly cancelled?: boolean;
  /** as the supplier wrote it */
  readonly billedAt?: string;
  readonly lines: readonly BillLine[];
}

/** @returns what the supplier is kept under: its code, or its name where it has none; '' for nobody */
export function supplierKey(party: BillParty): string {
  return (party.code ?? party.name ?? '').normalize('NFKC').replace(/\s+/gu, '');
}

/** @returns the packages of the bill as nodes of the tree */
export function nodesOfBill(bill: SupplierBill): readonly PackageNode[] {
  return bill.lines.flatMap((line) => line.codes.map(({ code, level, packs, parent, smallest }): PackageNode => {
    // several packs in it and no level said: some carton
    const at = level ?? (packs !== undefined && packs > 1 && smallest !== true ? 2 : undefined);
    return { code, ...(at === undefined ? {} : { level: at }), ...(packs === undefined ? {} : { packs }), ...(parent === undefined ? {} : { parent }), ...(smallest === true ? { smallest } : {}) };
  }));
}

/** @returns whether the two may be the same enterprise: nothing that both say differs */
export function mayBeSame(one: BillParty, other: BillParty): boolean {
  const bare = (name: string): string => name.normalize('NFKC').replace(/[\s()[\]{}【】]/gu, '').toUpperCase();
  if (one.code !== undefined && other.code !== undefined && bare(one.code) === bare(other.code)) return true;
  if (one.name !== undefined && other.name !== undefined) return bare(one.name) === bare(other.name);
  return one.code === undefined || other.code === undefined;
}
