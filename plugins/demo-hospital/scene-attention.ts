import type { EventLine, Patient } from '../../adapter/domain/event.ts';
import { UNKNOWN_DRUG } from './catalogue.ts';
import type { Sent } from './day-book.ts';
import { makePatient } from './people.ts';
import { drugsOf, EMERGENCY_PHARMACY, looseLine, OUTPATIENT_PHARMACY, packLine, restEvent, type Scene } from './scene.ts';
import { dispenseEvent } from './scene-outpatient.ts';
import { openPack } from './scene-split.ts';

/** Business that is taken, and of which a person has to look at something. */
export function meetTrouble(scene: Scene): void {
  const { agenda } = scene;
  agenda.add(10 * 60 + 12, () => { dispenseUnknownDrug(scene); });
  agenda.add(11 * 60 + 18, () => { dispenseWithoutCode(scene, true); });
  agenda.add(14 * 60 + 22, () => { dispenseWithoutCode(scene, false); });
  agenda.add(15 * 60 + 12, () => { dispenseTwice(scene, true); });
  agenda.add(16 * 60 + 2, () => { dispenseTwice(scene, false); });
  agenda.add(9 * 60 + 33, () => { splitBeforeOpening(scene); });
}

function walkIn(scene: Scene, number: number): Patient {
  return makePatient(number, { visitNo: scene.book.nextId('MZ'), class: 'outpatient', payment: 'self-pay', settlementId: '' }, scene.random);
}

function dispenseUnknownDrug(scene: Scene): void {
  const packs = scene.stock.take(UNKNOWN_DRUG.id, 1);
  if (packs === undefined) return;
  const line = packLine({ drug: UNKNOWN_DRUG.id, name: UNKNOWN_DRUG.name, packUnit: '盒', price: '88.0' }, packs, 1);
  scene.book.rest(dispenseEvent(scene, { patient: walkIn(scene, 901), location: OUTPATIENT_PHARMACY, lines: [line], overHl7: false, prefix: 'FY' }), '目录未登记的药品：医保平台需人工处理');
}

function dispenseWithoutCode(scene: Scene, overHl7: boolean): void {
  const [drug] = drugsOf(scene, 'packs');
  if (drug === undefined) return;
  const line: EventLine = { ...packLine(drug, [], 1), quantity: '1' };
  const event = dispenseEvent(scene, { patient: walkIn(scene, overHl7 ? 902 : 903), location: OUTPATIENT_PHARMACY, lines: [line], overHl7, prefix: 'FY' });
  if (overHl7) scene.book.hl7(event, { type: 'RDS^O13^RDS_O13', slot: 'segment', returnBy: 'order-control' }, '无码发药：需人工处理');
  else scene.book.rest(event, '无码发药：需人工处理');
}

/** The same whole pack for a second patient: taken, shown to the pharmacist, reported nowhere. */
function dispenseTwice(scene: Scene, overHl7: boolean): void {
  const earlier = lastWhole(scene, overHl7);
  const line = earlier?.event.lines.find((one) => !one.split && one.codes.length > 0);
  if (line === undefined) return;
  const event = dispenseEvent(scene, { patient: walkIn(scene, overHl7 ? 904 : 905), location: OUTPATIENT_PHARMACY, lines: [{ ...line, lineNo: '1', quantity: '1', codes: line.codes.slice(0, 1) }], overHl7, prefix: 'FY' });
  const fates = (): { readonly insurance: 'attention'; readonly mah: 'attention' } => ({ insurance: 'attention', mah: 'attention' });
  if (overHl7) scene.book.hl7(event, { type: 'RDS^O13^RDS_O13', slot: 'tag', returnBy: 'order-control' }, '同一追溯码第二次整盒发出：已拦截', { fates });
  else scene.book.rest(event, '同一追溯码第二次整盒发出：已拦截', { fates });
}

function lastWhole(scene: Scene, overHl7: boolean): Sent | undefined {
  const { sent } = scene.book;
  return sent.findLast(({ event, style }) => event.kind === 'dispense' && (style === undefined) !== overHl7 && event.patient?.settlementType === 'self-pay'
    && event.lines.some((line) => !line.split && /^8\d{19}$/.test(line.codes[0] ?? ''))
    && !scene.book.needsAttention(event) && !sent.some((other) => other.event.refers === event.id));
}

/** Loose units before any pack is open: kept in quarantine, taken when it is sent again after the opening. */
function splitBeforeOpening(scene: Scene): void {
  const drug = drugsOf(scene, 'tablets').at(-1);
  if (drug === undefined) return;
  const event = dispenseEvent(scene, { patient: walkIn(scene, 906), location: EMERGENCY_PHARMACY, lines: [looseLine(drug, 4, 1)], overHl7: false, prefix: 'FY' });
  const { book } = scene;
  book.rest(event, '拆零库不足：进入待处理', { expect: 'quarantined' });
  if (!openPack(scene, drug, EMERGENCY_PHARMACY)) return;
  scene.stock.addOpened(drug.drug, EMERGENCY_PHARMACY, -4);
  book.rest(event, '开启拆零包装后重发：接收');
  book.rest(restEvent(scene, { id: book.nextId('ZF'), kind: 'void', refers: 'FY-UNKNOWN-0001', lines: [] }), '作废不存在的单据：进入待处理', { expect: 'quarantined' });
}

