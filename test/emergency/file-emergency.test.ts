import { expect } from 'chai';
import { nationalPolicy } from '../../adapter/checks/national-policy.ts';
import type { TraceEvent } from '../../adapter/domain/event.ts';
import { fileEmergency, outstandingOf } from '../../adapter/emergency/file-emergency.ts';
import { effectOf } from '../../adapter/ledger/event-effect.ts';
import { prepareLines, readScans } from '../../adapter/intake/prepare-lines.ts';
import { openTestHospital, DRUGS, HOSPITAL, packCode, type TestHospital } from '../support/test-hospital.ts';

/** An emergency dispense: a pack nobody received, slices without a code, a pack without a code. */
const EVENT: TraceEvent = {
  id: 'D1', source: 'his', institution: HOSPITAL.code, kind: 'dispense', occurredAt: '2026-11-22T09:00:00+08:00', emergency: true, documentNo: 'CF1',
  lines: [
    { lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [packCode(1)] },
    { lineNo: '2', drug: 'YP9', quantity: '15', unit: '克', split: false, codes: [] },
    { lineNo: '3', drug: 'YP2', quantity: '1', unit: '盒', split: false, codes: [] },
  ],
};

describe('emergency: what an event leaves to be caught up', () => {
  it('is its packs that nobody received and its owed lines without a code, exempt drugs left out', () => {
    const scans = readScans(EVENT);
    if ('refusal' in scans) throw new Error('refused');
    const drugs = new Map(DRUGS.map((drug) => [drug.drug, drug]));
    const lines = prepareLines(EVENT, scans, drugs, { institution: HOSPITAL, policy: nationalPolicy });
    const effect = effectOf(EVENT, 1, Date.parse(EVENT.occurredAt), lines, { drugs, rows: new Map(), openedPacks: new Map(), takenByReferred: undefined, referred: undefined } as Parameters<typeof effectOf>[4]);
    if ('refusal' in effect) throw new Error('refused');
    expect(outstandingOf(lines, effect)).to.deep.equal({ uncodedLines: 1, unseenCodes: [packCode(1)] });
  });

  it('starts no clock for what is no emergency and for what is no dispense', async () => {
    let hospital: TestHospital | undefined;
    try {
      hospital = await openTestHospital([]);
      const { driver } = hospital;
      const start = (event: TraceEvent): Promise<boolean> => driver.write((q) => fileEmergency(q, { institution: HOSPITAL, event, eventNo: 1, receivedAtMs: 0, policy: nationalPolicy, uncodedLines: 1, unseenCodes: [] }));
      expect(await start({ ...EVENT, emergency: false })).to.equal(false);
      expect(await start({ ...EVENT, kind: 'transfer-out' })).to.equal(false);
      expect(await start(EVENT)).to.equal(true);
      // the same event taken again by a work that runs twice
      expect(await start(EVENT)).to.equal(true);
      expect(await hospital.rows('SELECT COUNT(*) AS n FROM emergency_use')).to.deep.equal([{ n: 1 }]);
    } finally {
      await hospital?.stop();
    }
  });
});
