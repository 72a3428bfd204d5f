import { expect } from 'chai';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import { checkRecord } from '../../adapter/intake/check-record.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { IntakeAnswer } from '../../adapter/ports/intake.ts';
import { joinBytes, packRecord, unpackRecord } from '../../adapter/source-thread/pack.ts';
import type { FromThread } from '../../adapter/source-thread/protocol.ts';
import { ThreadIntake } from '../../adapter/source-thread/thread-intake.ts';
import { packCode } from '../support/test-hospital.ts';
import { waitFor } from '../support/wait-for.ts';

const NOTED: IntakeAnswer = { kind: 'noted', reason: 'x' };

function record(id: string, size = 10): HisRecord {
  return { institution: 'H35010200001', source: 'his', controlId: id, media: 'hl7v2', charset: 'gbk', bytes: Buffer.alloc(size, id), interpreter: 'his' };
}

function event(id: string, codes: readonly string[]): TraceEvent {
  return {
    id, source: 'his', institution: 'H35010200001', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', patient: { visitNo: 'V1', name: '欧阳东' },
    lines: [{ lineNo: '1', drug: 'YP1', quantity: '2', unit: '盒', split: false, codes }],
  };
}

describe('source thread: records on their way between threads', () => {
  const MEANINGS: readonly [string, Interpretation][] = [
    ['events with codes and skipped lines', { kind: 'events', events: [event('E1', [packCode(1), '01069012345678921021X1\u001D17271231']), event('E2', [])], skipped: [{ lineNo: '3', reason: '自备药' }] }],
    ['a noted record', { kind: 'noted', reason: '医嘱' }],
    ['a refused record', { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '断' }) }],
    ['an event that cannot be taken', { kind: 'events', events: [{ ...event('E1', []), occurredAt: 'gestern' }] }],
  ];
  for (const [what, meaning] of MEANINGS) {
    it(`arrive as they were sent: ${what}`, () => {
      const checked = [checkRecord(record('A', 300), meaning), checkRecord(record('B', 0), meaning)];
      const bytes = joinBytes(checked);
      const packed = structuredClone(checked.map((one, at) => packRecord(at, one)));
      expect(bytes.length).to.equal(300);
      expect(unpackRecord(packed[0]!, Buffer.from(bytes.subarray(0, 300)))).to.deep.equal(checked[0]);
      expect(unpackRecord(packed[1]!, Buffer.alloc(0))).to.deep.equal(checked[1]);
    });
  }
});

describe('source thread: the intake as the thread sees it', () => {
  const noted: Interpretation = { kind: 'noted', reason: 'x' };
  const make = (limits?: { records: number; bytes: number }): { intake: ThreadIntake; work: Extract<FromThread, { kind: 'work' }>[] } => {
    const work: Extract<FromThread, { kind: 'work' }>[] = [];
    return { work, intake: new ThreadIntake((message) => { if (message.kind === 'work') work.push(message); }, limits) };
  };

  it('sends what arrived in one turn as one message, with the bytes one after another', async () => {
    const { intake, work } = make();
    void intake.submit(record('A'), noted);
    void intake.submit(record('B', 3), noted);
    await waitFor('the message', () => work.length === 1);
    expect(work[0]?.records.map(({ size }) => size)).to.deep.equal([10, 3]);
    expect(Buffer.from(work[0]?.bytes ?? []).toString()).to.equal('AAAAAAAAAABBB');
  });

  it('answers nothing that the process did not answer', async () => {
    const { intake, work } = make();
    const answered: string[] = [];
    void intake.submit(record('A'), noted).then(() => answered.push('A'));
    void intake.submit(record('B'), noted).then(() => answered.push('B'));
    await waitFor('the message', () => work.length === 1);
    const [, second] = work[0]?.records ?? [];
    intake.take([[second?.no ?? 0, NOTED], [999, NOTED]]);
    await waitFor('the answer', () => answered.length > 0);
    expect(answered).to.deep.equal(['B']);
  });

  it('refuses as to be sent again what is more than it may have in hand, and takes it when there is room', async () => {
    const { intake, work } = make({ records: 2, bytes: 1_000 });
    const first = intake.submit(record('A'), noted);
    void intake.submit(record('B'), noted);
    const refused = await intake.submit(record('C'), noted);
    expect(refused.kind === 'unavailable' ? refused.refusal.code : refused.kind).to.equal('OVERLOADED');
    await waitFor('the message', () => work.length === 1);
    intake.take([[work[0]?.records[0]?.no ?? 0, NOTED]]);
    expect(await first).to.deep.equal(NOTED);
    void intake.submit(record('D'), noted);
    await waitFor('the next message', () => work.length === 2);
  });

  it('counts bytes too, and always takes one record, however large', async () => {
    const { intake, work } = make({ records: 10, bytes: 100 });
    void intake.submit(record('A', 5_000), noted);
    expect((await intake.submit(record('B', 1), noted)).kind).to.equal('unavailable');
    await waitFor('the message', () => work.length === 1);
    expect(work[0]?.records.length).to.equal(1);
  });

  it('passes counts on in sums', async () => {
    const { intake, work } = make();
    for (let at = 0; at < 5; at += 1) intake.count('m', { a: '1' });
    intake.count('m', { a: '2' });
    await waitFor('the message', () => work.length === 1);
    expect(work[0]?.counted).to.deep.equal([{ metric: 'm', labels: { a: '1' }, times: 5 }, { metric: 'm', labels: { a: '2' }, times: 1 }]);
  });
});
