import { expect } from 'chai';
import fc from 'fast-check';
import type { TraceEvent } from '../../../adapter/domain/event.ts';
import type { Report } from '../../../adapter/ports/destination.ts';
import { billOf } from '../../../connectors/mah-alihealth/bills.ts';
import { METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import { planEvent } from '../../../connectors/mah-alihealth/plan.ts';
import { planReversal } from '../../../connectors/mah-alihealth/plan-reversal.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { codeOf, HOSPITAL, lineCode, mahSettings, reported, reportLine, reportOf, SUPPLIER } from './fixtures.ts';

const EVERY_TYPE: Partial<MahSettings> = { transfers: '203/104', billTypes: { 'stock-gain': '111', 'stock-loss': '214', 'gift-in': '110', 'other-out': '217' } };

function report(event: Partial<TraceEvent>, change: Partial<MahSettings> = {}): Report {
  const of = reported({ counterparty: { name: SUPPLIER.name }, ...event }, [reportLine([lineCode(codeOf(1)), lineCode(codeOf(2))])]);
  const [plan] = planEvent(of, mahSettings({ ...EVERY_TYPE, ...change }));
  if (plan === undefined) throw new Error('nothing planned');
  return reportOf(plan, of);
}

function parametersOf(event: Partial<TraceEvent>, change: Partial<MahSettings> = {}, partner: { readonly entId: string } | undefined = SUPPLIER): Readonly<Record<string, string>> {
  const result = billOf(report(event, change), mahSettings(change), partner);
  if (result.kind !== 'bill') throw new Error(result.detail);
  return result.bill.parameters;
}

describe('mah-alihealth bills', () => {
  it('writes a purchase receipt strictly by Annex A', () => {
    const of = report({ kind: 'receipt', deliveryNoteNo: 'XS1', operator: { code: '8801', name: '张药师' } });
    const result = billOf(of, mahSettings({ address: '示范路1号' }), { ...SUPPLIER, address: '仓库路2号' });
    expect(result).to.deep.equal({
      kind: 'bill',
      bill: {
        method: METHODS.uploadInOut,
        parameters: {
          bill_code: of.key, bill_time: '2026-11-22 09:31:05', bill_type: '102', physic_type: '3', ref_user_id: 'REF-HOSPITAL', oper_ic_code: '12345678', oper_ic_name: 'his-trace',
          trace_codes: `${codeOf(1)},${codeOf(2)}`, client_type: '2', from_user_id: 'ENT-SUPPLIER', to_user_id: 'ENT-HOSPITAL', from_bill_code: 'XS1',
          from_address: '仓库路2号', to_address: '示范路1号', to_person: '张药师',
        },
      },
    });
  });

  const patient = { visitNo: 'MZ001', name: '患者甲', idType: '01', idNo: '350102199001010000', personNo: 'P1' };

  it('writes a dispense with the in-house visit number and nothing else about the patient', () => {
    const of = report({ patient, prescriber: { name: '李医师' }, operator: { name: '张药师' } });
    const result = billOf(of, mahSettings(), undefined);
    expect(result).to.deep.equal({
      kind: 'bill',
      bill: {
        method: METHODS.uploadUse,
        parameters: {
          bill_code: of.key, bill_time: '2026-11-22 09:31:05', bill_type: '323', physic_type: '3', ref_user_id: 'REF-HOSPITAL', oper_ic_code: '12345678', oper_ic_name: 'his-trace',
          trace_codes: `${codeOf(1)},${codeOf(2)}`, user_name: 'MZ001', medic_doctor: '李医师', medic_dispenser: '张药师',
        },
      },
    });
  });

  it('sends the name or nothing by configuration, and id numbers never', () => {
    expect(parametersOf({ patient }, { sendPatient: 'name' })['user_name']).to.equal('患者甲');
    expect(parametersOf({ patient }, { sendPatient: 'none', sendStaff: false })).to.not.have.any.keys('user_name', 'medic_doctor', 'medic_dispenser');
    for (const sendPatient of ['none', 'visit-no', 'name'] as const) expect(Object.values(parametersOf({ patient }, { sendPatient })).join()).to.not.include('3501021990');
  });

  it('asks for all or nothing only where the site wants it', () => {
    expect(parametersOf({ kind: 'receipt' })).to.not.have.property('ignore_part_success_flag');
    expect(parametersOf({ kind: 'receipt' }, { ignorePartSuccess: true })['ignore_part_success_flag']).to.equal('1');
  });

  it('writes the time of China whatever offset the HIS sends', () => {
    expect(parametersOf({ occurredAt: '2026-11-22T20:00:00Z' })['bill_time']).to.equal('2026-11-23 04:00:00');
  });

  const directions: readonly (readonly [TraceEvent['kind'], string, string, string])[] = [
    ['receipt', '102', 'ENT-SUPPLIER', 'ENT-HOSPITAL'], ['supplier-return', '202', 'ENT-HOSPITAL', 'ENT-SUPPLIER'], ['destroy', '205', 'ENT-HOSPITAL', 'ENT-HOSPITAL'],
    ['transfer-out', '203', 'ENT-HOSPITAL', 'ENT-SUPPLIER'], ['transfer-in', '104', 'ENT-SUPPLIER', 'ENT-HOSPITAL'], ['stock-gain', '111', 'ENT-HOSPITAL', 'ENT-HOSPITAL'], ['stock-loss', '214', 'ENT-HOSPITAL', 'ENT-HOSPITAL'],
  ];
  for (const [kind, billType, from, to] of directions) {
    it(`writes ${kind} (${billType}) from ${from} to ${to}`, () => {
      const selfOnly = kind === 'destroy' || kind.startsWith('stock');
      expect(parametersOf({ kind }, EVERY_TYPE, selfOnly ? undefined : SUPPLIER)).to.include({ bill_type: billType, from_user_id: from, to_user_id: to });
    });
  }

  it('turns the ends round when a receipt is taken back, and dates it by the void', () => {
    const original = report({ kind: 'receipt' });
    const by = reported({ kind: 'void', id: 'V1', occurredAt: '2026-11-25T10:00:00+08:00' }, []).event;
    const plan = planReversal(original, by, mahSettings());
    if (plan === undefined) throw new Error('no reversal');
    const result = billOf({ ...reportOf(plan, original.reported), reverses: { operation: '102', key: original.key } }, mahSettings(), SUPPLIER);
    expect(result.kind === 'bill' ? result.bill.parameters : {}).to.include({ bill_type: '202', from_user_id: 'ENT-HOSPITAL', to_user_id: 'ENT-SUPPLIER', bill_time: '2026-11-25 10:00:00' });
  });

  it('makes no bill without the ids it needs', () => {
    const without = (mah: object, event: Partial<TraceEvent> = { kind: 'receipt' }): string => {
      const of = report(event);
      const result = billOf({ ...of, reported: { ...of.reported, institution: { ...HOSPITAL, mah } } }, mahSettings(), SUPPLIER);
      return result.kind === 'bill' ? 'bill' : `${result.reason} ${result.detail}`;
    };
    expect(without({ entId: 'E' })).to.match(/^MISSING_FIELD .*refEntId/);
    expect(without({ refEntId: 'R' })).to.match(/^MISSING_FIELD .*entId/);
    expect(without({ entId: 'E' }, {})).to.match(/^MISSING_FIELD .*refEntId/);
    expect(without({ refEntId: 'R' }, {})).to.equal('bill');
    expect(billOf(report({ kind: 'receipt' }), mahSettings(), undefined)).to.include({ kind: 'incomplete', reason: 'OWNER_UNKNOWN' });
  });

  it('never puts a ref_ent_id where an ent_id belongs, nor the other way round', () => {
    const kinds = ['receipt', 'supplier-return', 'destroy', 'dispense', 'dispense-return', 'transfer-out', 'transfer-in', 'stock-gain', 'stock-loss', 'gift-in', 'other-out'] as const;
    fc.assert(fc.property(fc.constantFrom(...kinds), fc.uuid(), fc.uuid(), fc.uuid(), fc.uuid(), (kind, entId, refEntId, theirEnt, theirRef) => {
      const of = report({ kind });
      const result = billOf({ ...of, reported: { ...of.reported, institution: { ...HOSPITAL, mah: { entId, refEntId } } } }, mahSettings(), { entId: theirEnt, refEntId: theirRef });
      if (result.kind !== 'bill') throw new Error(result.detail);
      for (const [name, value] of Object.entries(result.bill.parameters)) {
        if ([entId, theirEnt].includes(value)) expect(name).to.be.oneOf(['from_user_id', 'to_user_id']);
        if (value === refEntId) expect(name).to.equal('ref_user_id');
        expect(value).to.not.equal(theirRef);
      }
      expect(result.bill.parameters['ref_user_id']).to.equal(refEntId);
    }));
  });
});
