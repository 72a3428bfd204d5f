import { chinaDate, chinaDateTime, parseInstant } from '../../adapter/domain/china-time.ts';
import { formatQuantity } from '../../adapter/domain/quantity.ts';
import type { ReportedEvent } from '../../adapter/ports/destination.ts';
import { batchFacts } from './batch-facts.ts';
import { extraValues } from './extra-values.ts';
import type { Piece } from './pieces.ts';
import { changePrice, dealPrice } from './price.ts';
import type { Profile } from './profile.ts';
import { settlementOf } from './settlement.ts';

/** Values of one row under the names of the field table; absent or '' = not known. */
export type RowValues = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface RowContext {
  readonly reported: ReportedEvent;
  readonly piece: Piece;
  /** transaction to fill; differs from the piece's own when a sale is taken back by a return */
  readonly infno: string;
  /** fixmedins_bchno */
  readonly key: string;
  /** ms since epoch of what the row speaks of */
  readonly at: number;
  /** names the handling person where the HIS named none; '' = nobody */
  readonly operatorName: string;
  readonly profile: Profile;
}

/** Pure: what is known for each field of a transaction row (3501–3506). Nothing is invented: an unknown value stays absent. */
export function rowValues(context: RowContext): RowValues {
  const extra = context.profile.fields.extra[context.infno];
  return extra === undefined ? nationalValues(context) : { ...nationalValues(context), ...extraValues(extra, context) };
}

function nationalValues(context: RowContext): RowValues {
  switch (context.infno) {
    case '3501': return countRow(context);
    case '3502': return changeRow(context);
    case '3503': return purchaseRow(context);
    case '3504': return purchaseFields(context);
    case '3505': return saleRow(context);
    default: return saleFields(context);
  }
}

/** @returns ms of the event; its time was checked at intake */
export function eventTime(reported: ReportedEvent): number {
  return parseInstant(reported.event.occurredAt) ?? 0;
}

function drugFields({ piece }: RowContext): RowValues {
  const { drug } = piece.reportLine;
  return {
    med_list_codg: drug?.medListCode,
    fixmedins_hilist_id: drug?.hospitalListId ?? drug?.drug,
    fixmedins_hilist_name: drug?.name,
    rx_flag: drug?.rxFlag,
  };
}

function lotFields({ piece }: RowContext): RowValues {
  const facts = batchFacts(piece);
  return { manu_lotnum: facts.lot, manu_date: facts.producedOn, expy_end: facts.expiresOn };
}

function codeField({ piece }: RowContext): RowValues {
  return { drugtracinfo: piece.codes.map((code) => code.code) };
}

function operatorOf({ reported, operatorName }: RowContext): string {
  const name = reported.event.operator?.name ?? '';
  return name === '' ? operatorName : name;
}

function quantityOf({ piece }: RowContext): string | undefined {
  return piece.quantity === undefined ? undefined : formatQuantity(piece.quantity);
}

function countRow(context: RowContext): RowValues {
  return {
    ...drugFields(context), ...lotFields(context), ...codeField(context),
    fixmedins_bchno: context.key,
    invdate: chinaDate(context.at),
    inv_cnt: quantityOf(context),
  };
}

function changeRow(context: RowContext): RowValues {
  const { piece } = context;
  return {
    ...drugFields(context), ...codeField(context),
    fixmedins_bchno: context.key,
    inv_chg_type: piece.operation.slice(5),
    pric: changePrice(piece),
    cnt: quantityOf(context),
    inv_chg_time: chinaDateTime(context.at),
    inv_chg_opter_name: operatorOf(context),
    trdn_flag: piece.split ? '1' : '0',
    trac_codg_pac_hery: piece.level === undefined ? undefined : String(piece.level),
  };
}

/** Fields of 3504, which 3503 has too. */
function purchaseFields(context: RowContext): RowValues {
  const { event } = context.reported;
  return {
    ...drugFields(context), ...lotFields(context),
    fixmedins_bchno: context.key,
    spler_name: event.counterparty?.name,
    spler_pmtno: event.counterparty?.licenseNo,
    finl_trns_pric: dealPrice(context.piece),
    purc_retn_cnt: quantityOf(context),
    purc_invo_no: event.invoiceNo,
    purc_retn_stoin_time: chinaDateTime(context.at),
    purc_retn_opter_name: operatorOf(context),
  };
}

function purchaseRow(context: RowContext): RowValues {
  const { drug } = context.piece.reportLine;
  return {
    ...purchaseFields(context),
    dynt_no: context.reported.event.deliveryNoteNo,
    prodentp_name: drug?.manufacturer,
    aprvno: drug?.approvalNo,
    prod_geay_flag: '0',
  };
}

/** Fields of 3506, which 3505 has too. */
function saleFields(context: RowContext): RowValues {
  const { patient } = context.reported.event;
  return {
    ...drugFields(context), ...lotFields(context), ...codeField(context),
    fixmedins_bchno: context.key,
    setl_id: patient?.settlementId,
    mdtrt_sn: patient?.visitNo,
    psn_no: patient?.personNo,
    psn_cert_type: patient?.idType,
    certno: patient?.idNo,
    psn_name: patient?.name,
    trdn_flag: context.piece.split ? '1' : '0',
    finl_trns_pric: dealPrice(context.piece),
    sel_retn_cnt: quantityOf(context),
    sel_retn_time: chinaDateTime(context.at),
    sel_retn_opter_name: operatorOf(context),
  };
}

/** rtal_docno holds 40 characters */
const DOCUMENT_CHARS = 40;

function saleRow(context: RowContext): RowValues {
  const { event } = context.reported;
  const settlement = settlementOf(event.patient, context.profile.dispense);
  // the HIS's own number of the sale: the bill, else the prescription, else the event itself
  const document = [event.documentNo, event.prescriptionNo, event.id].find((text) => text !== undefined && text !== '' && text.length <= DOCUMENT_CHARS);
  return {
    ...saleFields(context),
    prsc_dr_cert_type: event.prescriber?.idType,
    prsc_dr_certno: event.prescriber?.idNo,
    prsc_dr_name: event.prescriber?.name,
    phar_cert_type: event.operator?.idType,
    phar_certno: event.operator?.idNo,
    phar_name: event.operator?.name,
    phar_prac_cert_no: event.operator?.licenseNo,
    hi_feesetl_type: settlement.feeType,
    mdtrt_setl_type: settlement.type,
    rxno: event.prescriptionNo,
    rtal_docno: document,
    stoout_no: event.documentNo,
    drug_prod_barc: context.piece.reportLine.drug?.barcode,
  };
}

/** Conditional fields (`C` in the table) that this row must hold: setl_id of an insured sale. */
export function conditionalFields(context: RowContext): readonly string[] {
  if (context.infno !== '3505') return [];
  return settlementOf(context.reported.event.patient, context.profile.dispense).type === '1' ? ['setl_id'] : [];
}
