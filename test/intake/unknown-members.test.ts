import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../adapter/domain/finding.ts';
import { validateEvent } from '../../adapter/intake/event-schema.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { openTestHospital, packCode } from '../support/test-hospital.ts';

type Members = Record<string, unknown>;
const line = { lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', codes: [packCode(1)] };
const event = (more: Members = {}): Members => ({ id: 'E1', source: 'his', institution: 'H35010200001', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', lines: [line], ...more });

function findings(raw: Members): readonly Finding[] {
  const verdict = validateEvent(raw);
  if ('refusal' in verdict) throw new Error(JSON.stringify(verdict.refusal));
  return verdict.findings;
}

describe('unknown members of an event', () => {
  it('says nothing about an event that holds only known members, empty ones included', () => {
    expect(findings(event({ patient: { visitNo: 'V1', settlementId: '' }, counterparty: null, wrongButEmpty: '' }))).to.deep.equal([]);
  });

  it('warns of a misspelt member, with the name that was probably meant', () => {
    const [finding, ...more] = findings(event({ patient: { visitNo: 'V1', settlmentId: 'S1' } }));
    expect(more).to.deep.equal([]);
    expect(finding).to.deep.include({ code: 'MEMBER_UNKNOWN', severity: 'warn', lineNo: '', detail: 'patient.settlmentId（是否为 patient.settlementId？）' });
  });

  it('warns of a known name in the wrong place, also when it is misspelt', () => {
    expect(findings(event({ settlementId: 'S1' }))[0]?.detail).to.equal('settlementId（是否为 patient.settlementId？）');
    expect(findings(event({ settlment_id: 'S1' }))[0]?.detail).to.equal('settlment_id（是否为 patient.settlementId？）');
    expect(findings(event({ lines: [{ ...line, visitNo: 'V1' }] }))[0]?.detail).to.equal('lines[].visitNo（是否为 patient.visitNo？）');
  });

  it('only notes members of the HIS\'s own', () => {
    expect(findings(event({ hisTerminal: 'PC7' }))[0]).to.deep.include({ severity: 'info', detail: 'hisTerminal' });
  });

  it('names each member once however many lines have it, and at most five', () => {
    const own = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`hisColumn${String(at)}`, 'x']));
    const [finding, ...more] = findings(event({ lines: Array.from({ length: 50 }, (_, at) => ({ ...line, lineNo: String(at), ...own, qantity: '1' })) }));
    expect(more).to.deep.equal([]);
    expect(finding?.detail).to.match(/^lines\[\]\.qantity（是否为 lines\[\]\.quantity？）、/).and.contain('共 31 个');
    expect(finding?.detail?.split('、')).to.have.length(5);
  });

  it('repeats no value, and no name that may be one', () => {
    fc.assert(fc.property(fc.constantFrom('张三丰', '350102199001011234', 'a b', '<x>', 'x'.repeat(41)), fc.constantFrom('event', 'patient'), (name, place) => {
      const [finding] = findings(place === 'event' ? event({ [name]: '李四' }) : event({ patient: { [name]: '李四' } }));
      expect(finding?.detail).to.equal('共 1 个');
    }));
  });

  it('takes the event, answers with the finding and keeps it on file', async () => {
    const hospital = await openTestHospital([new FakeDestination()]);
    try {
      const answer = await hospital.submit(event({ patient: { visitNo: 'V1', settlmentId: 'S1' } }) as { id: string });
      expect(answer.kind === 'taken' ? answer.events[0]?.findings.map(({ code }) => code) : answer.kind).to.deep.equal(['MEMBER_UNKNOWN', 'CODE_NOT_IN_STOCK']);
      expect(await hospital.rows('SELECT code FROM finding ORDER BY finding_no')).to.deep.equal([{ code: 'MEMBER_UNKNOWN' }, { code: 'CODE_NOT_IN_STOCK' }]);
      // findings of a void and of a settlement stand beside it
      const later = await hospital.submit({ ...event({ id: 'S1', kind: 'settlement', lines: [], colour: 'red' }), patient: { visitNo: 'V9', settlementId: 'X' } } as unknown as { id: string });
      expect(later.kind === 'taken' ? later.events[0]?.findings.map(({ code }) => code) : later.kind).to.deep.equal(['MEMBER_UNKNOWN', 'SETTLEMENT_UNUSED']);
    } finally {
      await hospital.stop();
    }
  });
});
