import { chinaCompact, parseInstant } from '../../adapter/domain/china-time.ts';
import type { EventLine, Patient, Person, TraceEvent } from '../../adapter/domain/event.ts';
import { header, plain, segment } from './hl7-fields.ts';

/** Where a message keeps its trace codes (contract section 6). */
export type CodeSlot = 'tag' | 'supplementary' | 'observation' | 'segment';

export interface MessageStyle {
  readonly type: 'RDS^O13^RDS_O13' | 'RGV^O15^RGV_O15' | 'RAS^O17^RAS_O17' | 'DFT^P03';
  readonly slot: CodeSlot;
  /** MSH-18 */
  readonly charset: string;
  /** returns: by order control (CR), or by a negative quantity */
  readonly returnBy: 'order-control' | 'quantity';
}

/** HL7 version a sender of that slot has: the tag fields came with 2.8, RXD-25 with 2.4 */
const VERSIONS: Readonly<Record<CodeSlot, string>> = { tag: '2.8', supplementary: '2.4', observation: '2.5.1', segment: '2.5.1' };

/** Writes a dispense, a return or a settlement as the HL7 message the mapping `standard` reads. */
export function messageText(event: TraceEvent, style: MessageStyle): string {
  const sentAt = wireTime(event.occurredAt);
  const head = header({ type: style.type, controlId: event.id, institution: event.institution, sentAt, version: VERSIONS[style.slot], charset: style.charset });
  const { patient } = event;
  const people = patient === undefined ? [] : [pid(patient), pv1(patient), zin(patient)];
  const body = style.type === 'DFT^P03' ? [segment('FT1', { 1: '1', 2: `F${event.id}`, 4: sentAt, 6: 'CG', 7: 'DRUG' })] : event.lines.flatMap((line) => order(event, line, style));
  return [head, ...people, ...body].filter((text) => text !== '').join('\r') + '\r';
}

function wireTime(occurredAt: string): string {
  return chinaCompact(parseInstant(occurredAt) ?? 0);
}

function pid(patient: Patient): string {
  const ids = [`${patient.visitNo ?? ''}^^^HIS^MR`, ...(patient.idNo === undefined ? [] : [`${patient.idNo}^^^GA^NNCHN`])];
  return segment('PID', { 1: '1', 3: ids.join('~'), 5: plain(patient.name ?? '') });
}

const CLASSES = { outpatient: 'O', inpatient: 'I', emergency: 'E' } as const;

function pv1(patient: Patient): string {
  return segment('PV1', { 1: '1', 2: CLASSES[patient.class ?? 'outpatient'], 19: patient.visitNo ?? '' });
}

function zin(patient: Patient): string {
  if (patient.settlementType === undefined) return '';
  return segment('ZIN', { 1: patient.settlementId ?? '', 2: patient.settlementType, 3: patient.settlementArea ?? '', 4: patient.personNo ?? '', 5: patient.insuredArea ?? '' });
}

function xcn(person: Person | undefined): string {
  if (person === undefined) return '';
  const name = `${person.code ?? ''}^${plain(person.name ?? '')}`;
  return person.licenseNo === undefined ? name : `${name}~${person.licenseNo}^^^^^^^^^^^^LN`;
}

function order(event: TraceEvent, line: EventLine, style: MessageStyle): string[] {
  const back = event.kind === 'dispense-return';
  const minus = back && style.returnBy === 'quantity' ? '-' : '';
  const orc = segment('ORC', {
    1: back && style.returnBy === 'order-control' ? 'CR' : style.type.startsWith('RGV') ? 'OK' : 'RE', 2: `${event.documentNo ?? event.id}-${line.lineNo}`, 4: event.documentNo ?? '',
    8: event.refers === undefined ? '' : `${event.refers}&MSH-10`, 9: wireTime(event.occurredAt), 10: xcn(event.operator), 12: xcn(event.prescriber),
  });
  const own = lineSegment(event, line, { style, quantity: `${minus}${line.quantity}` });
  return [orc, ...prescription(event, line, style), own, ...codes(line, style), ...price(event, line)];
}

function prescription(event: TraceEvent, line: EventLine, style: MessageStyle): string[] {
  if (style.type.startsWith('RDS') || event.prescriptionNo === undefined) return [];
  return [segment('RXE', { 2: coded(line), 15: event.prescriptionNo })];
}

function coded(line: EventLine): string {
  return line.drugName === undefined ? line.drug : `${line.drug}^${plain(line.drugName)}`;
}

function lineSegment(event: TraceEvent, line: EventLine, by: { readonly style: MessageStyle; readonly quantity: string }): string {
  const time = wireTime(event.occurredAt);
  const lot = line.lot ?? '';
  const expiry = (line.expiresOn ?? '').replaceAll('-', '');
  const tag = by.style.slot === 'tag' ? line.codes.map(plain).join('~') : '';
  const supplementary = by.style.slot === 'supplementary' ? line.codes.map((code) => `${plain(code)}^^TRACE`).join('~') : '';
  const place = event.location ?? '';
  // a loose unit says by itself that a pack was opened; other units do not
  const packaging = line.split && line.codes.length === 0 ? '拆零' : '';
  switch (by.style.type.slice(0, 3)) {
    case 'RGV': return segment('RXG', { 1: line.lineNo, 3: '1^BID', 4: coded(line), 5: by.quantity, 7: line.unit, 11: place, 19: lot, 20: expiry, 25: supplementary, 31: tag });
    case 'RAS': return segment('RXA', { 1: '0', 2: line.lineNo, 3: time, 4: time, 5: coded(line), 6: by.quantity, 7: line.unit, 10: xcn(event.operator), 11: place, 15: lot, 16: expiry, 20: 'CP', 25: supplementary, 29: tag });
    default: return segment('RXD', { 1: line.lineNo, 2: coded(line), 3: time, 4: by.quantity, 5: line.unit, 7: event.prescriptionNo ?? '', 10: xcn(event.operator), 13: place, 18: lot, 19: expiry, 24: packaging, 25: supplementary, 35: tag });
  }
}

function codes(line: EventLine, style: MessageStyle): string[] {
  if (style.slot === 'observation') return line.codes.map((code, at) => segment('OBX', { 1: String(at + 1), 2: 'ST', 3: 'TRACE-CODE^药品追溯码', 5: plain(code) }));
  if (style.slot !== 'segment') return [];
  const share = line.split && line.codes.length === 1 ? { 4: 'S', 5: line.quantity, 6: line.unit } : {};
  return line.codes.map((code, at) => segment('ZTC', { 1: String(at + 1), 2: line.lineNo, 3: plain(code), ...share }));
}

function price(event: TraceEvent, line: EventLine): string[] {
  if (line.unitPrice === undefined) return [];
  return [segment('FT1', { 1: line.lineNo, 2: `F${event.id}-${line.lineNo}`, 4: wireTime(event.occurredAt), 6: event.kind === 'dispense-return' ? 'CR' : 'CG', 7: line.drug, 12: line.unitPrice })];
}
