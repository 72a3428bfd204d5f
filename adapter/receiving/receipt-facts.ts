import type { PackageLevel } from '../domain/drug.ts';
import type { Quantity } from '../domain/quantity.ts';
import type { PackageTree } from '../packages/package-tree.ts';
import type { RecalledLots } from '../recall/recalled-lots.ts';
import type { CodeStatus, SupplierBill } from './supplier-bill.ts';

/** A code as it was scanned at receiving. */
export interface ReceivedCode {
  readonly code: string;
  /** product resource code or GTIN, '' for unknown schemes */
  readonly prefix: string;
  /** by the catalogue; undefined where it does not know the prefix */
  readonly level?: PackageLevel;
  /** smallest packs in it by the catalogue */
  readonly packs?: number;
}

/** A line of a receipt event that was not voided. */
export interface ReceivedLine {
  readonly lineNo: string;
  readonly drug: string;
  readonly approvalNo?: string;
  /** resource codes the catalogue has for the drug; empty where it has none */
  readonly prefixes: readonly string[];
  readonly lot?: string;
  readonly expiresOn?: string;
  /** packs the line says; undefined where its unit cannot be converted */
  readonly packs?: Quantity;
  readonly codes: readonly ReceivedCode[];
}

/** Everything a receipt is compared by. */
export interface ReceiptFacts {
  readonly documentNo: string;
  /** of all live events of the document; lines that need no trace code are left out */
  readonly lines: readonly ReceivedLine[];
  /** bills this receipt answers to */
  readonly bills: readonly SupplierBill[];
  /** packages of bills and scans */
  readonly tree: PackageTree;
  /** whether a bill is made out to us */
  readonly isOurs: (bill: SupplierBill) => boolean;
  /** what a platform said about the code */
  readonly statusOf: (code: string) => CodeStatus | undefined;
  readonly recalls: RecalledLots;
  /** the code came in under another document */
  readonly cameOtherwise: (code: string) => boolean;
  /** a bill that is none of this receipt's and names the code */
  readonly strayBillOf: (code: string) => string | undefined;
}
