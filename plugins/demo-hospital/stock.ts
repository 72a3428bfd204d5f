import type { Drug } from '../../adapter/domain/drug.ts';
import { IMPORT_GTIN } from './catalogue.ts';
import type { Random } from './random.ts';

/** One smallest sale pack on the shelf. */
export interface Pack {
  readonly drug: string;
  /** the code as the first scan reads it: 20 digits, or the printed GS1 form */
  readonly code: string;
  readonly lot: string;
  readonly producedOn: string;
  readonly expiresOn: string;
}

/** What one delivery of a drug consists of. */
export interface Batch {
  readonly lot: string;
  readonly producedOn: string;
  readonly expiresOn: string;
}

/** The shelves of the demonstration hospital: every pack that leaves was there before, every unit is counted. */
export class Stock {
  readonly #packs = new Map<string, Pack[]>();
  readonly #known = new Map<string, Pack>();
  /** units left in opened packs, by place and drug */
  readonly #opened = new Map<string, number>();
  /** the opened pack of an injection, whose code is scanned each time */
  readonly #scanned = new Map<string, { readonly pack: Pack; left: number }>();
  readonly #random: Random;
  #serial = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @returns codes never used before for packs of a level */
  newCode(prefix: string): string {
    this.#serial += 1;
    return prefix + String(this.#serial).padStart(9, '0') + this.#random.digits(4);
  }

  newPacks(drug: Drug, count: number, batch: Batch): Pack[] {
    return Array.from({ length: count }, () => {
      this.#serial += 1;
      const code = drug.gtin === IMPORT_GTIN ? `(01)${IMPORT_GTIN}(21)DM${String(this.#serial).padStart(8, '0')}` : this.newCode(drug.prefixUnit ?? '8999000');
      const pack = { drug: drug.drug, code, ...batch };
      this.#known.set(code, pack);
      return pack;
    });
  }

  /** Packs that come back to the shelf, by their codes. */
  restore(codes: readonly string[]): void {
    this.put(codes.map((code) => this.#known.get(code)).filter((pack) => pack !== undefined));
  }

  put(packs: readonly Pack[]): void {
    for (const pack of packs) {
      const shelf = this.#packs.get(pack.drug) ?? [];
      shelf.push(pack);
      this.#packs.set(pack.drug, shelf);
    }
  }

  count(drug: string): number {
    return this.#packs.get(drug)?.length ?? 0;
  }

  /** @returns that many packs, oldest expiry first, or undefined when there are not enough */
  take(drug: string, count: number): Pack[] | undefined {
    const shelf = this.#packs.get(drug) ?? [];
    if (shelf.length < count) return undefined;
    shelf.sort((a, b) => (a.expiresOn === b.expiresOn ? (a.code < b.code ? -1 : 1) : a.expiresOn < b.expiresOn ? -1 : 1));
    return shelf.splice(0, count);
  }

  unitsOpened(drug: string, place: string): number {
    return this.#opened.get(`${place}|${drug}`) ?? 0;
  }

  /** @param units negative when units leave the opened packs */
  addOpened(drug: string, place: string, units: number): void {
    const left = this.unitsOpened(drug, place) + units;
    if (left < 0) throw new RangeError(`more units of ${drug} taken than opened`);
    this.#opened.set(`${place}|${drug}`, left);
  }

  /** Takes units out of one pack whose code is scanned, a new one when the last does not hold enough. @returns undefined when the shelf is empty */
  takeScanned(drug: Drug, units: number): { readonly pack: Pack; readonly opens: boolean } | undefined {
    const current = this.#scanned.get(drug.drug);
    if (current !== undefined && current.left >= units) {
      current.left -= units;
      return { pack: current.pack, opens: false };
    }
    const pack = this.take(drug.drug, 1)?.[0];
    if (pack === undefined || (drug.unitsPerPack ?? 1) < units) return undefined;
    this.#scanned.set(drug.drug, { pack, left: (drug.unitsPerPack ?? 1) - units });
    return { pack, opens: true };
  }
}
