import { chinaDate, chinaDateTime } from '../../../adapter/domain/china-time.ts';
import type { SandboxPackage, UpstreamBill, UpstreamLine } from './upstream-bill.ts';

/** Makes suppliers' bills up: the same for the same seed, on every machine. */
export interface UpstreamSeed {
  readonly seed: number;
  readonly bills: number;
  /** yyyy-MM-dd of the newest bill; three bills a day before it. Default 2026-11-20 */
  readonly lastDay?: string;
}

interface SeedDrug { readonly name: string; readonly spec: string; readonly packageSpec: string; readonly inners: number; readonly packsPerInner: number; /** only the carton is coded */ readonly cartonOnly?: true }

const DRUGS: readonly SeedDrug[] = [
  { name: '示范氨氯地平片', spec: '5mg', packageSpec: '7片/盒', inners: 5, packsPerInner: 10 },
  { name: '示范二甲双胍片', spec: '0.5g', packageSpec: '20片/盒', inners: 4, packsPerInner: 6 },
  { name: '示范头孢克肟胶囊', spec: '0.1g', packageSpec: '6粒/盒', inners: 2, packsPerInner: 5 },
  // no middle package: units stand in the carton
  { name: '示范葡萄糖注射液', spec: '250ml', packageSpec: '1瓶/瓶', inners: 1, packsPerInner: 24 },
  { name: '示范氯化钠注射液', spec: '500ml', packageSpec: '120瓶/箱', inners: 1, packsPerInner: 120, cartonOnly: true },
];
const MAX_BILLS = 500;

/** @returns bills of one to three drug lines with cartons, inner packs and single packs, each in at most one place */
export function seededUpstream({ seed, bills, lastDay = '2026-11-20' }: UpstreamSeed, parties: { readonly suppliers: readonly string[]; readonly hospital: string }): UpstreamBill[] {
  const draw = drawing(seed);
  const codes = codeMaker(seed, draw);
  const newest = Date.parse(`${lastDay}T08:00:00+08:00`);
  return Array.from({ length: Math.min(MAX_BILLS, bills) }, (_, at) => {
    const billAt = newest - Math.floor(at / 3) * 86_400_000 + (at % 3) * 3_600_000;
    return {
      billCode: `XS${chinaDate(billAt).replaceAll('-', '')}${String(seed % 1_000).padStart(3, '0')}${String(at + 1).padStart(4, '0')}`,
      from: parties.suppliers[at % parties.suppliers.length] ?? '', to: parties.hospital, billType: '201', billTime: chinaDateTime(billAt),
      lines: Array.from({ length: 1 + draw(3) }, (__, line) => lineOf((at + line) % DRUGS.length, draw, codes)),
    };
  });
}

type Draw = (below: number) => number;
type NextCode = (drug: number, level: 1 | 2 | 3) => string;

function lineOf(at: number, draw: Draw, next: NextCode): UpstreamLine {
  const drug = DRUGS[at] ?? { name: '', spec: '', packageSpec: '', inners: 1, packsPerInner: 1 };
  const packages: SandboxPackage[] = Array.from({ length: 1 + draw(2) }, () => cartonOf(at, drug, next));
  if (drug.cartonOnly !== true && drug.inners > 1 && draw(2) === 0) packages.push(innerOf(at, drug, next));
  if (drug.cartonOnly !== true) packages.push(...Array.from({ length: draw(3) }, () => ({ code: next(at, 1), level: 1 as const })));
  const month = String(1 + draw(9)).padStart(2, '0');
  return {
    drugName: drug.name, approvalNo: `国药准字H8999${String(at).padStart(4, '0')}`, spec: drug.spec, packageSpec: drug.packageSpec, maker: '示范制药有限公司', lot: `B26${month}${String(draw(90) + 10)}`,
    producedOn: `2026-${month}-02`, expiresOn: `2028-${month}-01`, ratio: drug.inners > 1 ? `1:${String(drug.inners)}:${String(drug.inners * drug.packsPerInner)}` : `1:${String(drug.packsPerInner)}`, packages,
  };
}

function cartonOf(at: number, drug: SeedDrug, next: NextCode): SandboxPackage {
  const code = next(at, 3);
  if (drug.cartonOnly === true) return { code, level: 3, declaredPacks: drug.packsPerInner };
  if (drug.inners === 1) return { code, level: 3, children: unitsOf(at, drug, next) };
  return { code, level: 3, children: Array.from({ length: drug.inners }, () => innerOf(at, drug, next)) };
}

function innerOf(at: number, drug: SeedDrug, next: NextCode): SandboxPackage {
  return { code: next(at, 2), level: 2, children: unitsOf(at, drug, next) };
}

function unitsOf(at: number, drug: SeedDrug, next: NextCode): SandboxPackage[] {
  return Array.from({ length: drug.packsPerInner }, () => ({ code: next(at, 1), level: 1 as const }));
}

/** 20 digits: resource code of drug and level, serial, four that nobody can foresee */
function codeMaker(seed: number, draw: Draw): NextCode {
  let serial = (seed % 900) * 1_000_000;
  return (drug, level) => {
    serial += 1;
    return `8999${String(50 + drug)}${String(level)}${String(serial).padStart(9, '0')}${String(draw(10_000)).padStart(4, '0')}`;
  };
}

/** @returns whole numbers below a bound, by the mulberry32 sequence */
function drawing(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
