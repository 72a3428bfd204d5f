import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine, Patient, TraceEvent } from '../../adapter/domain/event.ts';
import type { CodeSlot } from './hl7-message.ts';
import { HL7_SOURCE, REST_SOURCE } from './day-book.ts';
import { DOCTORS, makePatient, PHARMACISTS, type Payment } from './people.ts';
import { drugsOf, EMERGENCY_PHARMACY, looseLine, OUTPATIENT_PHARMACY, packLine, restEvent, type Scene } from './scene.ts';
import { ensureOpened } from './scene-split.ts';
import { settleLater } from './scene-settlement.ts';

const SLOTS: readonly CodeSlot[] = ['tag', 'supplementary', 'observation', 'segment'];
const HL7_VISITS = 285;
const REST_VISITS = 62;

/** The windows of the outpatient pharmacy: most over HL7, a newer sub-system over REST. */
export function serveOutpatients(scene: Scene): void {
  const { random, agenda } = scene;
  for (let number = 1; number <= HL7_VISITS + REST_VISITS; number += 1) {
    // two peaks, as every outpatient department has them
    const minute = random.chance(0.6) ? 8 * 60 + 20 + random.next() * 210 : 13 * 60 + 40 + random.next() * 210;
    agenda.add(minute, () => { serve(scene, number, number <= HL7_VISITS); });
  }
}

function serve(scene: Scene, number: number, overHl7: boolean): void {
  const { book, random } = scene;
  const draw = random.next();
  const payment: Payment = draw < 0.45 ? 'settled' : draw < 0.7 ? 'waiting' : 'self-pay';
  const visitNo = book.nextId('MZ');
  const patient = makePatient(number, { visitNo, class: random.chance(0.05) ? 'emergency' : 'outpatient', payment, settlementId: `JS${visitNo.slice(2)}` }, random);
  const location = patient.class === 'emergency' ? EMERGENCY_PHARMACY : OUTPATIENT_PHARMACY;
  const lines = prescriptionLines(scene, location);
  if (lines.length === 0) return;
  const event = dispenseEvent(scene, { patient, location, lines, overHl7, prefix: 'FY' });
  if (overHl7) {
    const slot = lines.some((line) => line.split && line.codes.length > 0) ? 'segment' : random.pick(SLOTS);
    book.hl7(event, { type: 'RDS^O13^RDS_O13', slot, returnBy: 'order-control' }, noteOf(patient, lines));
  } else book.rest(event, noteOf(patient, lines));
  // one in eight of those who wait does not settle today
  if (payment === 'waiting' && !random.chance(0.125)) settleLater(scene, patient, random.int(15, 150));
}

/** @returns a dispensing of this moment */
export function dispenseEvent(scene: Scene, of: { readonly patient: Patient; readonly location: string; readonly lines: readonly EventLine[]; readonly overHl7: boolean; readonly prefix: string }): TraceEvent {
  const { book, random } = scene;
  const id = book.nextId(of.prefix);
  const event = restEvent(scene, {
    id, kind: 'dispense', documentNo: `D${id}`, location: of.location, operator: random.pick(PHARMACISTS), prescriber: random.pick(DOCTORS), prescriptionNo: `CF${id.slice(2)}`, patient: of.patient, lines: of.lines,
    ...(of.patient.class === 'emergency' && !of.overHl7 ? { emergency: true } : {}),
  });
  return { ...event, source: of.overHl7 ? HL7_SOURCE : REST_SOURCE };
}

function prescriptionLines(scene: Scene, location: string): EventLine[] {
  const { random } = scene;
  const count = random.chance(0.5) ? 1 : random.int(2, 3);
  const lines: EventLine[] = [];
  for (let tries = 0; lines.length < count && tries < 12; tries += 1) {
    const line = oneLine(scene, location, lines);
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

/** @returns one more line of a drug not yet on the prescription, or undefined when the shelf does not have it */
function oneLine(scene: Scene, location: string, others: readonly EventLine[]): EventLine | undefined {
  const { random } = scene;
  const lineNo = others.length + 1;
  const draw = random.next();
  const use = draw < 0.07 ? 'exempt' : draw < 0.22 && location === OUTPATIENT_PHARMACY ? 'tablets' : draw < 0.25 ? 'import' : 'packs';
  const drug = random.pick(drugsOf(scene, use));
  if (others.some((line) => line.drug === drug.drug)) return undefined;
  if (use === 'exempt') return { ...packLine(drug, [], lineNo), quantity: drug.packUnit === '克' ? String(random.int(5, 60)) : '1' };
  if (use === 'tablets') return tabletLine(scene, drug, { location, lineNo });
  const packs = scene.stock.take(drug.drug, random.chance(0.7) ? 1 : random.int(2, 3));
  if (packs === undefined) return undefined;
  const line = packLine(drug, packs, lineNo);
  if (random.chance(0.5)) return line;
  // many systems do not know the lot at the window; the receipt of the code does
  const { lot: _lot, producedOn: _producedOn, expiresOn: _expiresOn, ...bare } = line;
  return bare;
}

function tabletLine(scene: Scene, drug: Drug, at: { readonly location: string; readonly lineNo: number }): EventLine | undefined {
  const units = scene.random.int(3, 18);
  if (!ensureOpened(scene, drug, at.location, units)) return undefined;
  scene.stock.addOpened(drug.drug, at.location, -units);
  return looseLine(drug, units, at.lineNo);
}

function noteOf(patient: Patient, lines: readonly EventLine[]): string {
  const pay = patient.settlementType === 'self-pay' ? '自费' : patient.settlementId === undefined ? '医保待结算' : '医保已结算';
  return `${patient.class === 'emergency' ? '急诊' : '门诊'}发药（${pay}${lines.some((line) => line.split) ? '，含拆零' : ''}）`;
}
