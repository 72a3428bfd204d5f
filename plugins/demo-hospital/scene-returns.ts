import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import { HL7_SOURCE, REST_SOURCE, type Sent } from './day-book.ts';
import { restEvent, type Scene } from './scene.ts';

const RETURNS = 20;
const VOIDS = 6;

/** Patients bring drugs back: whole packs with their codes, loose units without; the return names the dispensing it undoes. */
export function takeReturns(scene: Scene): void {
  for (let number = 0; number < RETURNS; number += 1) {
    scene.agenda.add(10 * 60 + number * 21, () => { takeReturn(scene, number); });
  }
}

function takeReturn(scene: Scene, number: number): void {
  const { book, random } = scene;
  const wantsLoose = number % 5 === 4;
  const sent = findDispensing(scene, (line) => line.split === wantsLoose && (wantsLoose ? line.codes.length === 0 : /^8\d{19}$/.test(line.codes[0] ?? '')));
  if (sent === undefined) return;
  const line = sent.event.lines.find((one) => one.split === wantsLoose && (one.codes.length > 0) !== wantsLoose);
  if (line === undefined) return;
  const overHl7 = sent.event.source === HL7_SOURCE;
  const returned = returnedLine(scene, line, sent.event);
  const { patient, operator, prescriber, location } = sent.event;
  const id = book.nextId('TY');
  const event: TraceEvent = {
    ...restEvent(scene, { id, kind: 'dispense-return', documentNo: `T${id}`, refers: sent.event.id, lines: [returned] }), source: sent.event.source,
    ...(patient === undefined ? {} : { patient }), ...(operator === undefined ? {} : { operator }), ...(prescriber === undefined ? {} : { prescriber }), ...(location === undefined ? {} : { location }),
  };
  const note = wantsLoose ? '退回拆零的最小单位' : '门诊退药（整盒）';
  if (overHl7) book.hl7(event, { type: sent.style?.type ?? 'RDS^O13^RDS_O13', slot: 'segment', returnBy: random.chance(0.5) ? 'order-control' : 'quantity' }, note);
  else book.rest(event, note);
}

function returnedLine(scene: Scene, line: EventLine, event: TraceEvent): EventLine {
  if (line.split) {
    const units = Math.min(2, Number(line.quantity));
    scene.stock.addOpened(line.drug, event.location ?? '', units);
    return { ...line, lineNo: '1', quantity: String(units) };
  }
  const codes = line.codes.slice(0, 1);
  scene.stock.restore(codes);
  return { ...line, lineNo: '1', quantity: '1', codes };
}

/** An entry that should not have been made: the whole dispensing is voided, the packs go back to the shelf. */
export function voidMistakes(scene: Scene): void {
  for (let number = 0; number < VOIDS; number += 1) {
    scene.agenda.add(11 * 60 + number * 55, () => { voidOne(scene, number); });
  }
}

function voidOne(scene: Scene, number: number): void {
  // one of them still waits for its settlement: nothing has gone to the insurance platform yet
  const sent = scene.book.sent.findLast(({ event }) => event.kind === 'dispense' && event.source === REST_SOURCE && !isUsed(scene, event) && !scene.book.needsAttention(event)
    && (number === 1) === (event.patient?.settlementType === 'insured' && event.patient.settlementId === undefined));
  if (sent === undefined) return;
  const { event } = sent;
  scene.book.rest(restEvent(scene, { id: scene.book.nextId('ZF'), kind: 'void', refers: event.id, lines: [], ...(event.operator === undefined ? {} : { operator: event.operator }) }), number === 1 ? '作废尚未结算的发药' : '作废发药');
  scene.book.takeBack(event);
  for (const line of event.lines) {
    if (line.split) scene.stock.addOpened(line.drug, event.location ?? '', Number(line.quantity));
    else scene.stock.restore(line.codes);
  }
}

/** @returns a dispensing that was paid for, has such a line, and has not been returned or voided */
function findDispensing(scene: Scene, fits: (line: EventLine) => boolean): Sent | undefined {
  const candidates = scene.book.sent.filter(({ event, style }) => event.kind === 'dispense' && !isUsed(scene, event)
    && style?.type.startsWith('RDS') !== false
    && (event.patient?.settlementType === 'self-pay' || event.patient?.settlementId !== undefined)
    // a return waits until both platforms have what it undoes: nothing that a person has to act on first
    && event.lines.some(fits) && !scene.book.needsAttention(event));
  return candidates.length === 0 ? undefined : scene.random.pick(candidates);
}

function isUsed(scene: Scene, event: TraceEvent): boolean {
  return scene.book.sent.some((other) => other.event.refers === event.id && other.event.source === event.source);
}
