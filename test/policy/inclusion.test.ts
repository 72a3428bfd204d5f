import { expect } from 'chai';
import { nationalPolicy } from '../../adapter/checks/national-policy.ts';
import { EVENT_KINDS, directionOf, type TraceEvent } from '../../adapter/domain/event.ts';
import { FINDING_CODES } from '../../adapter/domain/finding.ts';
import { readTraceCode } from '../../adapter/domain/trace-code.ts';
import { configuredPolicy } from '../../adapter/policy/configured-policy.ts';
import { loadPack } from '../../adapter/policy/load-pack.ts';
import { PURPOSES, type Purpose, type Regime, type SeverityQuestion } from '../../adapter/ports/policy.ts';
import { provinces } from '../../plugins/registry.ts';
import { excludedOf, expectedOf, hospitalIn, judgeDay, owedOf } from './inclusion-day.ts';

const policy = configuredPolicy(provinces.map((province) => loadPack(province).pack));
const OCTOBER = Date.parse('2026-10-01T12:00:00+08:00');

describe('policy: one event file, two inclusion lists', () => {
  for (const province of ['fujian', 'hebei']) {
    it(`${province}: leaves out and reports what the notice says, line by line`, () => {
      const expected = expectedOf(province);
      const verdicts = judgeDay(policy, hospitalIn(province, 3), 'mah');
      expect(owedOf(verdicts)).to.deep.equal(expected.mah.owed);
      expect(Object.fromEntries([...verdicts].filter(([, reason]) => reason !== undefined))).to.deep.equal(expected.mah.excluded);
      expect(expected.mah.owed.length + Object.keys(expected.mah.excluded).length).to.equal(verdicts.size);
      expect(excludedOf(judgeDay(policy, hospitalIn(province, 3), 'insurance'))).to.deep.equal(expected.insurance.excluded);
      expect(excludedOf(judgeDay(policy, hospitalIn(province, 3)))).to.deep.equal(expected.nobody);
    });
  }

  it('binds every level in Fujian from 2026-10-01 and nobody before', () => {
    for (const level of [1, 2, 3, undefined]) {
      const verdicts = judgeDay(policy, hospitalIn('fujian', level), 'mah');
      expect(owedOf(verdicts), String(level)).to.deep.equal(expectedOf('fujian').mah.owed);
    }
  });

  it('binds level 2 and above in Hebei from 2026-01-01, and level 1 never', () => {
    for (const level of [2, undefined]) expect(owedOf(judgeDay(policy, hospitalIn('hebei', level), 'mah')), String(level)).to.deep.equal(expectedOf('hebei').mah.owed);
    const verdicts = judgeDay(policy, hospitalIn('hebei', 1), 'mah');
    expect(owedOf(verdicts)).to.deep.equal([]);
    expect(verdicts.get('dispense/1')).to.equal('1级医疗机构不在实施范围内（河北省药品经营使用环节全品种追溯体系建设工作方案 一）');
  });

  it('keeps the insurance platform told before the start of the holders’ systems', () => {
    for (const province of ['fujian', 'hebei']) {
      expect(judgeDay(policy, hospitalIn(province, 3), 'insurance').get('dispense-2025-12-31/1')).to.equal(undefined);
      expect(judgeDay(policy, hospitalIn(province, 3)).get('dispense-2025-12-31/1')).to.equal(undefined);
    }
  });

  it('reports a whole pack that a ward counts in smallest units: loose is only what has no code of its own', () => {
    const verdicts = judgeDay(policy, hospitalIn('hebei', 3), 'mah');
    expect(verdicts.get('dispense/6')).to.equal(undefined);
    expect(verdicts.get('dispense/5')).to.contain('零散注射针剂');
  });

  it('owes every movement to both kinds of platform once the notice is in force', () => {
    for (const kind of EVENT_KINDS.filter((one) => directionOf(one) !== 'none')) for (const province of ['fujian', 'hebei']) for (const regime of ['mah', 'insurance'] as const) expect(exclusionOf(province, kind, regime), `${province} ${kind}`).to.equal(undefined);
  });

  it('never leaves a transfer out by policy: it is recorded here and reported where a bill type is configured', () => {
    for (const kind of ['transfer-out', 'transfer-in'] as const) expect(exclusionOf('fujian', kind, 'mah')).to.equal(undefined);
  });

  it('falls back to the national exemptions where no pack is named', () => {
    for (const province of ['national', 'guangdong']) {
      expect(judgeDay(policy, hospitalIn(province, 1), 'mah')).to.deep.equal(judgeDay(nationalPolicy, hospitalIn(province, 1)));
    }
  });
});

describe('policy: rules in force and severities', () => {
  const grade = (finding: SeverityQuestion['finding'], province: string, purpose: Purpose, more: Partial<SeverityQuestion> = {}): string | undefined =>
    policy.severityOf({ institution: hospitalIn(province, 3), finding, stage: 'scan', purpose, atMs: OCTOBER, ...more });

  it('gives emergency use 48 hours by the article of Fujian', () => {
    expect(policy.rulesAt(hospitalIn('fujian', 3), OCTOBER)).to.deep.include({ emergencyHours: 48 });
    expect(policy.rulesAt(hospitalIn('fujian', 3), OCTOBER).articles.emergencyHours).to.equal('二(三)2');
    expect(policy.rulesAt(hospitalIn('hebei', 3), OCTOBER).articles.emergencyHours).to.equal(undefined);
  });

  it('takes mismatched goods with a discrepancy on record in Fujian and keeps them off the shelf in Hebei', () => {
    expect(policy.rulesAt(hospitalIn('fujian', 3), OCTOBER)).to.deep.include({ onMismatch: 'record', feedBackToSupplier: true });
    expect(policy.rulesAt(hospitalIn('hebei', 3), OCTOBER)).to.deep.include({ onMismatch: 'block', feedBackToSupplier: true });
    for (const code of ['CODE_DRUG_MISMATCH', 'LOT_MISMATCH', 'CODE_COUNT_MISMATCH'] as const) {
      expect(grade(code, 'fujian', 'receive'), code).to.equal('warn');
      expect(grade(code, 'hebei', 'receive'), code).to.equal('block');
    }
  });

  it('lets nobody alter records in either province', () => {
    for (const province of ['fujian', 'hebei', 'national']) expect(policy.rulesAt(hospitalIn(province, 3), OCTOBER).mayAlterRecords).to.equal(false);
  });

  it('lets emergency use go ahead without a receipt in Fujian, where the notice allows it', () => {
    expect(grade('CODE_NOT_IN_STOCK', 'fujian', 'dispense', { emergency: true })).to.equal('info');
    expect(grade('CODE_NOT_IN_STOCK', 'fujian', 'dispense', { emergency: true, stage: 'event' })).to.equal('info');
    expect(grade('CODE_NOT_IN_STOCK', 'fujian', 'dispense')).to.equal(undefined);
    expect(grade('CODE_NOT_IN_STOCK', 'hebei', 'dispense', { emergency: true })).to.equal(undefined);
  });

  it('grades a platform warning as one to be settled first', () => {
    for (const province of ['fujian', 'hebei']) for (const purpose of ['receive', 'dispense'] as const) expect(grade('CODE_PLATFORM_WARNING', province, purpose)).to.equal('warn');
  });

  it('warns in Hebei when anything but the sales package is scanned at dispensing', () => {
    expect(grade('CODE_LEVEL_NOT_SMALLEST', 'hebei', 'dispense')).to.equal('warn');
    expect(grade('CODE_LEVEL_NOT_SMALLEST', 'hebei', 'receive')).to.equal(undefined);
  });

  it('makes nothing lighter that must not reach a patient, and blocks no report of what has already happened', () => {
    for (const province of ['fujian', 'hebei', 'national']) {
      for (const finding of FINDING_CODES) {
        if (['CODE_RECALLED', 'CODE_EXPIRED', 'CODE_ALREADY_DISPENSED', 'CODE_DISPENSED_AT_MEMBER', 'CODE_LEFT_STOCK'].includes(finding)) expect(grade(finding, province, 'dispense'), `${finding} ${province}`).to.equal(undefined);
        for (const purpose of PURPOSES) expect(grade(finding, province, purpose, { stage: 'event' }), `${finding} ${province}`).not.to.equal('block');
      }
    }
  });

  it('reads a 20-digit code as 7 + 9 + 4, as the annex of Fujian says', () => {
    const reading = readTraceCode('89990010000000011234');
    expect(reading.kind).to.equal('codes');
    if (reading.kind === 'codes') expect(reading.codes[0]).to.deep.include({ text: '89990010000000011234', scheme: 'cn20', productResourceCode: '8999001', serial: '000000001', checkDigits: '1234' });
  });
});

function exclusionOf(province: string, kind: TraceEvent['kind'], regime: Regime): string | undefined {
  const line = { lineNo: '1', drug: 'TAB', quantity: '1', unit: '盒', split: false, codes: ['89990010000000040001'] };
  const event: TraceEvent = { id: 'E1', source: 'his', institution: 'H89990000001', kind, occurredAt: '2026-10-01T09:00:00+08:00', lines: [line] };
  return policy.exclusionOf({ institution: hospitalIn(province, 3), event, line, drug: { drug: 'TAB', name: '演示片', packUnit: '盒', smallestUnit: '片', unitsPerPack: 12 }, regime });
}
