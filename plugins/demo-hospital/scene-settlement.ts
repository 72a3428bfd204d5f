import type { Patient, TraceEvent } from '../../adapter/domain/event.ts';
import { HL7_SOURCE } from './day-book.ts';
import { restEvent, type Scene } from './scene.ts';

/** The settlement of a visit arrives so many minutes later, by DFT^P03 or by REST; what waited for it goes. */
export function settleLater(scene: Scene, patient: Patient, minutes: number): void {
  const { agenda, book, random } = scene;
  const { visitNo } = patient;
  if (visitNo === undefined) return;
  agenda.add(minuteNow(scene) + minutes, () => {
    const id = book.nextId('JS');
    const settled: Patient = { visitNo, settlementId: `JS${visitNo.slice(2)}`, settlementType: 'insured', settlementArea: patient.settlementArea ?? 'local' };
    const event = restEvent(scene, { id, kind: 'settlement', patient: settled, lines: [] });
    if (random.chance(0.5)) {
      const overHl7: TraceEvent = { ...event, source: HL7_SOURCE };
      book.hl7(overHl7, { type: 'DFT^P03', slot: 'segment', returnBy: 'order-control' }, '医保结算到达（DFT^P03）');
    } else book.rest(event, '医保结算到达');
    book.settle(visitNo);
  });
}

/** @returns minutes after midnight of the moment */
export function minuteNow(scene: Scene): number {
  const [hours = '0', minutes = '0'] = scene.book.nowIso().slice(11, 16).split(':');
  return Number(hours) * 60 + Number(minutes);
}
