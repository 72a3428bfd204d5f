import type { Patient, Person } from '../../adapter/domain/event.ts';
import type { Random } from './random.ts';

/** Staff of the demonstration hospital; the names say that nobody is meant. */
export const PHARMACISTS: readonly Person[] = ['甲', '乙', '丙', '丁'].map((mark, index) => ({
  code: `88${String(index + 1).padStart(2, '0')}`, name: `演示药师${mark}`, licenseNo: `YS8999${String(index + 1).padStart(4, '0')}`,
}));
export const STORE_KEEPER: Person = { code: '8901', name: '演示库管员' };
export const NURSES: readonly Person[] = ['一', '二', '三'].map((mark, index) => ({ code: `N00${String(index + 1)}`, name: `演示护士${mark}` }));
export const DOCTORS: readonly Person[] = Array.from({ length: 8 }, (_, index) => ({ code: `D${String(index + 1).padStart(3, '0')}`, name: `演示医师${String(index + 1).padStart(2, '0')}` }));

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;

/** @returns an identity number of the right form in a region (990000) that does not exist */
export function syntheticIdNo(number: number): string {
  const birth = `19${String(40 + (number % 60)).padStart(2, '0')}${String(1 + (number % 12)).padStart(2, '0')}${String(1 + (number % 28)).padStart(2, '0')}`;
  const digits = `990000${birth}${String(number % 1_000).padStart(3, '0')}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  return digits + ('10X98765432'[sum % 11] ?? '0');
}

/** How a visit pays. `waiting`: insured, and the settlement comes later or not at all. */
export type Payment = 'settled' | 'waiting' | 'self-pay';

/** @returns a made-up patient on a visit */
export function makePatient(number: number, visit: { readonly visitNo: string; readonly class: NonNullable<Patient['class']>; readonly payment: Payment; readonly settlementId: string }, random: Random): Patient {
  // now and then a name that only GB18030 can write
  const name = `演示患者${String(number).padStart(3, '0')}${number % 97 === 0 ? '𠮷' : ''}`;
  const person = { visitNo: visit.visitNo, class: visit.class, name, idType: '01', idNo: syntheticIdNo(number) };
  if (visit.payment === 'self-pay') return { ...person, settlementType: 'self-pay' };
  return {
    ...person, personNo: `PSN8999${String(number).padStart(6, '0')}`, insuredArea: random.chance(0.1) ? '360100' : '350100', settlementType: 'insured',
    settlementArea: random.chance(0.9) ? 'local' : 'remote', ...(visit.payment === 'settled' ? { settlementId: visit.settlementId } : {}),
  };
}
