import type { EventLine } from '../../adapter/domain/event.ts';
import { readAmount } from '../hl7/amount.ts';
import type { Amount } from '../hl7/amount.ts';
import { freeText, keyText, label, present, value } from '../hl7/field-text.ts';
import type { LineDialect, MovedLine, SkippedLine } from '../hl7/moved-line.ts';
import { directionOf, documentNoOf, referredEvent } from '../hl7/order-facts.ts';
import { around } from '../hl7/order-groups.ts';
import type { LineSite } from '../hl7/order-groups.ts';
import { personOf } from '../hl7/person.ts';
import { fieldName } from '../hl7/problems.ts';
import type { Problems } from '../hl7/problems.ts';
import { isSplit } from '../hl7/split.ts';
import { readInstant } from '../hl7/time.ts';
import type { LineCodes } from '../hl7/trace-codes.ts';

/** RXA-5.3: orders of these kinds draw nothing from the stock of the pharmacy (his.md a.2, e.6). */
const NOT_FROM_STOCK: Readonly<Record<string, string>> = { 1: '自备药（RXA-5.3=1）', 2: '嘱托医嘱（RXA-5.3=2）', 3: '病区基数药（RXA-5.3=3）' };

/** Units that are a pack wherever they are written, also in an in-patient message that was not converted to smallest units. */
const PACK_UNITS = new Set(['盒', '箱', '件', '瓶', '罐', '桶', 'BOX', 'BX', 'BOTTLE', 'BT']);

/** How Neusoft-family HIS tell a line: everything is in RXO, dispensing (RGV^O15) and execution (RAS^O17) alike. */
export function neusoftLine(options: { readonly inpatient: boolean }): LineDialect {
  return {
    segment: 'RXO',
    lineNoField: undefined,
    hint: '',
    readLine: (site, of) => notFromStock(site) ?? readLine(site, { ...of, inpatient: options.inpatient }),
  };
}

function notFromStock(site: LineSite): SkippedLine | undefined {
  if (value(site.segment, 1, 3).toLowerCase() === 'n') return { skipped: '非药品（RXO-1.3=n）' };
  const flag = value(around(site, 'RXA'), 5, 3);
  const reason = Object.hasOwn(NOT_FROM_STOCK, flag) ? NOT_FROM_STOCK[flag] : undefined;
  return reason === undefined ? undefined : { skipped: `不动用药房库存：${reason}` };
}

interface Of { readonly lineNo: string; readonly codes: LineCodes; readonly problems: Problems; readonly inpatient: boolean }

function readLine(site: LineSite, of: Of): MovedLine | SkippedLine | undefined {
  const { segment: rxo, orc } = site;
  const { problems } = of;
  const amount = readAmount(rxo, 2, problems);
  // RXO-1.2 is the item; older senders fill RXO-1.1 only
  const drug = keyText(rxo, 1, { problems, longest: 64, component: 2 }) ?? keyText(rxo, 1, { problems, longest: 64 });
  if (drug === undefined) problems.add('HL7_FIELD_INVALID', { field: fieldName(rxo, 1, 2), detail: '缺少药品编码' });
  const unit = freeText(label(rxo, 4), 32);
  if (unit === undefined) problems.add('HL7_FIELD_INVALID', { field: fieldName(rxo, 4), detail: '缺少数量的单位' });
  const movement = directionOf(site, amount?.negative === true);
  if (movement === 'none') return { skipped: `未移动药品（ORC-1=${value(orc, 1)}）` };
  const rxa = around(site, 'RXA');
  const occurredAt = readInstant(rxa, 3, problems) ?? readInstant(orc, 9, problems);
  const documentNo = keyText(rxo, 24, { problems, longest: 64 }) ?? keyText(rxo, 24, { problems, longest: 64, component: 2 }) ?? documentNoOf(orc, problems);
  const prescriptionNo = keyText(orc, 4, { problems, longest: 64 });
  const refers = movement === 'back' ? referredEvent(orc, problems) : undefined;
  if (amount === undefined || drug === undefined || unit === undefined) return undefined;
  const codes = withProductBarcode(of.codes, value(rxo, 14));
  return {
    movement, occurredAt, documentNo, prescriptionNo, refers,
    line: present<EventLine>({
      lineNo: of.lineNo, drug, quantity: amount.quantity, unit, split: splitOf(amount, unit, codes, of.inpatient), codes: codes.codes,
      drugName: undefined, unitPrice: undefined, lot: undefined, producedOn: undefined, expiresOn: undefined,
    }),
    // RXO-8: pharmacy code in the facility component, the outlet of the dispensing robot behind it
    location: freeText(value(rxo, 8, 4) || value(rxo, 8), 64),
    operator: personOf(orc, 10) ?? personOf(rxa, 10),
    prescriber: personOf(orc, 12),
  };
}

/** RXO-14 carries the product bar code; sites that scan the trace code put it there. A 13-digit bar code is no trace code. */
function withProductBarcode(codes: LineCodes, barcode: string): LineCodes {
  return /^\d{20}$/.test(barcode.normalize('NFKC')) && !codes.codes.includes(barcode) ? { ...codes, codes: [...codes.codes, barcode] } : codes;
}

/**
 * Out-patient quantities are packs, a fraction of one when 拆零. In-patient quantities are smallest units: loose, unless one code was
 * scanned for each unit, which then is a pack by itself.
 */
function splitOf(amount: Amount, unit: string, codes: LineCodes, inpatient: boolean): boolean {
  if (isSplit({ words: [], codes, whole: amount.whole, unit })) return true;
  return inpatient && !PACK_UNITS.has(unit.toUpperCase()) && String(codes.codes.length) !== amount.quantity;
}
