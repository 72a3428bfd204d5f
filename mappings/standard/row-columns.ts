import type { RowMapping } from '../shared/row-mapping.ts';

/** Columns of the documented view (README.md 数据库视图) → fields of an event. The column names are ours; a HIS gives them as aliases. */
export const standardRows: RowMapping = {
  name: 'standard',
  title: '标准视图',
  records: {
    lines: {
      title: '明细',
      tables: 'his_trace.trace_lines',
      skip: [{ when: { SKIP_REASON: '*' }, reasonFrom: 'SKIP_REASON' }],
      negative: { 'dispense': 'dispense-return', 'dispense-return': 'dispense-return' },
      fields: {
        'id': { from: 'EVENT_ID' },
        'kind': [{ from: 'EVENT_KIND' }, { constant: 'dispense' }],
        'occurredAt': { from: 'OCCURRED_AT' },
        'institution': { from: 'INSTITUTION' },
        'documentNo': { from: 'DOCUMENT_NO' },
        'location': { from: 'LOCATION' },
        'emergency': { from: 'EMERGENCY' },
        'refers': { from: 'REFERS' },
        'prescriptionNo': { from: 'PRESCRIPTION_NO' },
        'invoiceNo': { from: 'INVOICE_NO' },
        'deliveryNoteNo': { from: 'DELIVERY_NOTE_NO' },
        'operator.code': { from: 'OPERATOR_CODE' },
        'operator.name': { from: 'OPERATOR_NAME' },
        'operator.licenseNo': { from: 'OPERATOR_LICENSE_NO' },
        'operator.idType': { from: 'OPERATOR_ID_TYPE', convert: 'text' },
        'operator.idNo': { from: 'OPERATOR_ID_NO' },
        'prescriber.code': { from: 'PRESCRIBER_CODE' },
        'prescriber.name': { from: 'PRESCRIBER_NAME' },
        'prescriber.licenseNo': { from: 'PRESCRIBER_LICENSE_NO' },
        'prescriber.idType': { from: 'PRESCRIBER_ID_TYPE', convert: 'text' },
        'prescriber.idNo': { from: 'PRESCRIBER_ID_NO' },
        'patient.visitNo': { from: 'VISIT_NO' },
        'patient.class': { from: 'PATIENT_CLASS' },
        'patient.name': { from: 'PATIENT_NAME' },
        'patient.idType': { from: 'PATIENT_ID_TYPE', convert: 'text' },
        'patient.idNo': { from: 'PATIENT_ID_NO' },
        'patient.personNo': { from: 'PERSON_NO' },
        'patient.insuredArea': { from: 'INSURED_AREA' },
        'patient.settlementType': { from: 'SETTLEMENT_TYPE' },
        'patient.settlementId': { from: 'SETTLEMENT_ID' },
        'patient.settlementArea': { from: 'SETTLEMENT_AREA' },
        'counterparty.code': { from: 'COUNTERPARTY_CODE' },
        'counterparty.name': { from: 'COUNTERPARTY_NAME' },
        'counterparty.licenseNo': { from: 'COUNTERPARTY_LICENSE_NO' },
        'line.no': { from: 'LINE_NO' },
        'line.drug': { from: 'DRUG_CODE' },
        'line.drugName': { from: 'DRUG_NAME' },
        'line.quantity': { from: 'QUANTITY' },
        'line.unit': { from: 'UNIT' },
        'line.split': { from: 'IS_SPLIT' },
        'line.unitPrice': { from: 'UNIT_PRICE' },
        'line.lot': { from: 'LOT' },
        'line.producedOn': { from: 'PRODUCED_ON' },
        'line.expiresOn': { from: 'EXPIRES_ON' },
        // the intake says what is wrong with a code
        'line.codes': { from: 'TRACE_CODES', convert: 'codes' },
      },
    },
  },
};

type Columns = Readonly<Record<string, string>>;

/** Columns by the field they fill, of one member of the event, or of the event itself: files give them heads of their own. */
function columnsOf(member: string): Columns {
  const prefix = member === '' ? '' : `${member}.`;
  return Object.fromEntries(Object.entries(standardRows.records['lines']?.fields ?? {}).flatMap(([target, rule]) => {
    const name = target.slice(prefix.length);
    return target.startsWith(prefix) && !name.includes('.') && 'from' in rule && typeof rule.from === 'string' ? [[name, rule.from] as const] : [];
  }));
}

export const EVENT_COLUMNS = columnsOf('');
export const PATIENT_COLUMNS = columnsOf('patient');
export const PERSON_COLUMNS = { operator: columnsOf('operator'), prescriber: columnsOf('prescriber'), counterparty: columnsOf('counterparty') } as const;
