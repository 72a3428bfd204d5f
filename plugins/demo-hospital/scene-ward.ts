import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine, Patient } from '../../adapter/domain/event.ts';
import type { CodeSlot } from './hl7-message.ts';
import { makePatient, NURSES } from './people.ts';
import { drugsOf, looseLine, packLine, WARD_PHARMACY, type Scene } from './scene.ts';
import { dispenseEvent } from './scene-outpatient.ts';
import { settleLater } from './scene-settlement.ts';
import { ensureOpened } from './scene-split.ts';

const INPATIENTS = 26;
const WARD_SLOTS: readonly CodeSlot[] = ['tag', 'supplementary', 'segment'];

/** Ward dispensing (RGV^O15) in two rounds, administrations from ward stock (RAS^O17) in between. */
export function serveWards(scene: Scene): void {
  const { agenda, book, random } = scene;
  for (let number = 1; number <= INPATIENTS; number += 1) {
    const visitNo = book.nextId('ZY');
    const insured = number % 3 !== 0;
    const patient = makePatient(800 + number, { visitNo, class: 'inpatient', payment: insured ? 'waiting' : 'self-pay', settlementId: '' }, random);
    for (const round of [8 * 60 + 10, 15 * 60]) agenda.add(round + random.next() * 60, () => { dispenseToWard(scene, patient); });
    if (number % 2 === 0) agenda.add(11 * 60 + random.next() * 90, () => { administer(scene, patient); });
    // some go home today, and their whole stay is settled
    if (insured && number % 4 === 1) agenda.add(17 * 60, () => { settleLater(scene, patient, random.int(1, 40)); });
  }
}

function dispenseToWard(scene: Scene, patient: Patient): void {
  const { book, random } = scene;
  const opens = new Set<string>();
  const lines: EventLine[] = [];
  const count = random.int(1, 3);
  for (let tries = 0; lines.length < count && tries < 8; tries += 1) {
    const line = wardLine(scene, lines, opens);
    if (line !== undefined) lines.push(line);
  }
  if (lines.length === 0) return;
  const event = dispenseEvent(scene, { patient, location: WARD_PHARMACY, lines, overHl7: true, prefix: 'ZF' });
  const scanned = lines.some((line) => line.split && line.codes.length > 0);
  const slot = scanned ? 'segment' : random.pick(WARD_SLOTS);
  book.hl7(event, { type: 'RGV^O15^RGV_O15', slot, returnBy: 'order-control' }, '住院摆药 RGV^O15', { fates: splitFates(opens) });
}

/** Loose tablets take from opened packs; injections go out as whole packs counted in smallest units. */
function wardLine(scene: Scene, others: readonly EventLine[], opens: Set<string>): EventLine | undefined {
  const { random } = scene;
  const lineNo = others.length + 1;
  const has = (drug: Drug): boolean => others.some((line) => line.drug === drug.drug);
  if (random.chance(0.6)) {
    const drug = random.pick(drugsOf(scene, 'tablets'));
    if (has(drug)) return undefined;
    const units = random.int(1, 6);
    if (!ensureOpened(scene, drug, WARD_PHARMACY, units)) return undefined;
    scene.stock.addOpened(drug.drug, WARD_PHARMACY, -units);
    return looseLine(drug, units, lineNo);
  }
  if (random.chance(0.5)) {
    const drug = random.pick(scannedInjections(scene));
    return has(drug) ? undefined : scannedLine(scene, drug, { lineNo, opens });
  }
  const drug = random.pick(drugsOf(scene, 'injection').slice(0, 4));
  const packs = has(drug) ? undefined : scene.stock.take(drug.drug, 1);
  if (packs === undefined) return undefined;
  // 病区整盒按最小单位计数: no split, one code per pack
  const { unitPrice: _perPack, ...line } = packLine(drug, packs, lineNo);
  return { ...line, quantity: String(drug.unitsPerPack ?? 1), unit: drug.smallestUnit ?? '支' };
}

/** Single ampoules out of a pack whose code is scanned each time. */
function scannedLine(scene: Scene, drug: Drug, at: { readonly lineNo: number; readonly opens: Set<string> }): EventLine | undefined {
  const units = scene.random.int(1, 2);
  const taken = scene.stock.takeScanned(drug, units);
  if (taken === undefined) return undefined;
  if (taken.opens) at.opens.add(String(at.lineNo));
  return looseLine(drug, units, at.lineNo, [taken.pack.code]);
}

function scannedInjections(scene: Scene): readonly Drug[] {
  return drugsOf(scene, 'injection').slice(4);
}

function administer(scene: Scene, patient: Patient): void {
  const opens = new Set<string>();
  const line = scannedLine(scene, scene.random.pick(scannedInjections(scene)), { lineNo: 1, opens });
  if (line === undefined) return;
  const event = { ...dispenseEvent(scene, { patient, location: WARD_PHARMACY, lines: [line], overHl7: true, prefix: 'GY' }), operator: scene.random.pick(NURSES) };
  scene.book.hl7(event, { type: 'RAS^O17^RAS_O17', slot: 'segment', returnBy: 'order-control' }, '给药 RAS^O17，扫码拆零', { fates: splitFates(opens) });
}

/** The MAH system is told of a split pack once: by the line that opens it (mah.md 6). */
function splitFates(opens: ReadonlySet<string>): (line: EventLine) => { readonly mah?: 'reported' | 'excluded' } {
  return (line) => (line.split && line.codes.length > 0 ? { mah: opens.has(line.lineNo) ? 'reported' : 'excluded' } : {});
}
