import { formatQuantity, parseQuantity } from '../../adapter/domain/quantity.ts';
import type { HisRow } from '../../adapter/ports/row.ts';
import { dayOf } from '../hl7/time.ts';
import type { Problems } from '../hl7/problems.ts';

/** Columns whose content is about a person: named in a refusal, never repeated. */
const PERSONAL = /^(PATIENT_|OPERATOR_NAME|OPERATOR_ID|PRESCRIBER_NAME|PRESCRIBER_ID|PERSON_NO)/;

/** Reads columns of the rows of one event and notes what is wrong with them. */
export class RowReader {
  constructor(private readonly rows: readonly HisRow[], private readonly problems: Problems) {}

  refuse(column: string, value: string, detail: string): void {
    this.problems.add('EVENT_INVALID', { field: column, ...(PERSONAL.test(column) ? {} : { value }), detail });
  }

  /** A value of the whole event: rows that leave it empty agree with the others. Rows that contradict each other are refused, not chosen among. */
  ofEvent(column: string): string | undefined {
    const values = [...new Set(this.rows.map((row) => row[column] ?? undefined).filter((value) => value !== undefined))];
    if (values.length > 1) this.refuse(column, values.join(' / '), '同一事件各行的该列不一致');
    return values[0];
  }

  /** @returns the member whose words hold the value; undefined when the column is empty */
  choice<Name extends string>(column: string, words: Readonly<Record<Name, readonly string[]>>, value: string | undefined): Name | undefined {
    if (value === undefined) return undefined;
    const lower = value.toLowerCase();
    const found = (Object.keys(words) as Name[]).find((name) => words[name].includes(lower));
    if (found === undefined) this.refuse(column, value, `只能是 ${Object.keys(words).join('、')}`);
    return found;
  }

  /** A decimal as databases print it: `2.0000`, `.5`, `-1`, `2.0E+000`. @returns plain decimal text */
  decimal(column: string, value: string | undefined): string | undefined {
    if (value === undefined) return undefined;
    const plain = plainDecimal(value);
    const quantity = plain === undefined ? undefined : parseQuantity(plain);
    if (quantity === undefined) {
      this.refuse(column, value, '须为数字，至多 14 位整数、6 位小数');
      return undefined;
    }
    return formatQuantity(quantity);
  }

  /** A day; what databases use for "none" counts as empty. */
  day(column: string, value: string | undefined): string | undefined {
    if (value === undefined || /^(1900-01-01|1899-12-30|0001-01-01|9999-12-31)/.test(value)) return undefined;
    const day = dayOf(value) ?? dayOf(value.slice(0, 10));
    if (day === undefined) this.refuse(column, value, '不是真实的日期');
    return day;
  }
}

const SCIENTIFIC = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** @returns the number without exponent and with a digit before the point; undefined when it is no number. `.5` → `0.5`, `2.5e+001` → `25` */
export function plainDecimal(text: string): string | undefined {
  const match = SCIENTIFIC.exec(text.trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const shift = Number(exponent);
  if (whole === '' && fraction === '' || Math.abs(shift) > 40) return undefined;
  const digits = `${whole}${fraction}`;
  const point = whole.length + shift;
  const padded = point <= 0 ? `${'0'.repeat(1 - point)}${digits}` : digits.padEnd(point, '0');
  const at = Math.max(point, 1);
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const rest = padded.slice(at).replace(/0+$/, '');
  return `${sign === '-' ? '-' : ''}${integer}${rest === '' ? '' : `.${rest}`}`;
}
