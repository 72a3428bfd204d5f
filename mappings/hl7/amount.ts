import { formatQuantity, parseQuantity } from '../../adapter/domain/quantity.ts';
import type { Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { value } from './field-text.ts';
import { fieldName } from './problems.ts';
import type { Problems } from './problems.ts';

export interface Amount {
  /** decimal string, always positive */
  readonly quantity: string;
  /** the sender wrote a minus: goods came back */
  readonly negative: boolean;
  readonly whole: boolean;
}

/** Quantity of a field (NM). Missing, zero or no number is a problem. */
export function readAmount(segment: Hl7Segment, field: number, problems: Problems): Amount | undefined {
  const text = plainNumber(value(segment, field));
  const quantity = parseQuantity(text);
  if (quantity === undefined || quantity === 0n) {
    const detail = text === '' ? '缺少数量' : quantity === 0n ? '数量不能为零' : '数量须为十进制数，至多 6 位小数';
    problems.add('HL7_FIELD_INVALID', { field: fieldName(segment, field), value: text, detail });
    return undefined;
  }
  const positive = formatQuantity(quantity < 0n ? -quantity : quantity);
  return { quantity: positive, negative: quantity < 0n, whole: !positive.includes('.') };
}

/** Price of a field (MO, CP: the number is the first sub-component); empty is undefined. */
export function readPrice(segment: Hl7Segment | undefined, field: number, problems: Problems): string | undefined {
  if (segment === undefined) return undefined;
  const text = plainNumber(value(segment, field));
  if (text === '') return undefined;
  const price = parseQuantity(text);
  if (price === undefined || price < 0n) {
    problems.add('HL7_FIELD_INVALID', { field: fieldName(segment, field), value: text, detail: '单价须为不小于 0 的十进制数，至多 6 位小数' });
    return undefined;
  }
  return formatQuantity(price);
}

/** Full-width digits become plain ones; `.5` and `5.` are decimals people write. */
export function plainNumber(text: string): string {
  const plain = text.normalize('NFKC').trim().replace(/^([+-]?)\./, (_, sign: string) => `${sign}0.`);
  return plain.endsWith('.') ? plain.slice(0, -1) : plain;
}
