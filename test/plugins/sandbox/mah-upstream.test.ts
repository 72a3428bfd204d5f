import { expect } from 'chai';
import { chinaDateTime } from '../../../adapter/domain/china-time.ts';
import { SANDBOX_HOSPITAL, SANDBOX_SUPPLIERS, startSandbox, type MahOptions, type Sandbox, type SandboxPackage } from '../../../plugins/sandbox/index.ts';
import { seededUpstream } from '../../../plugins/sandbox/mah/seeded-upstream.ts';
import { callMah, METHOD } from '../../support/sandbox-requests.ts';

const PARTIES = { suppliers: SANDBOX_SUPPLIERS.map(({ refEntId }) => refEntId), hospital: SANDBOX_HOSPITAL.refEntId };
const WARNING = 'alibaba.alihealth.drug.myj.codewarn.getwarninfo';
const UPSTREAM_COUNT = 'alibaba.alihealth.drug.yljg.query.upoutbillcount';
const CARTON = '89990030000000010001';
const CODE = '89990010000000990001';
const OTHER_HOSPITAL = { name: '另一医院', entId: '899900000000000109', refEntId: 'e8999aa0000000000000000000000109', role: 'hospital' as const };

function flat(each: SandboxPackage): SandboxPackage[] {
  return [each, ...(each.children ?? []).flatMap(flat)];
}

describe('sandbox MAH upstream', () => {
  let sandbox: Sandbox | undefined;
  afterEach(() => sandbox?.stop());

  async function start(mah: MahOptions, now?: () => number): Promise<Sandbox> {
    sandbox = await startSandbox({ mah, ...(now === undefined ? {} : { now }) });
    return sandbox;
  }

  it('makes the same bills of the same seed, each code once, in cartons, inner packs and units', () => {
    const bills = seededUpstream({ seed: 42, bills: 40 }, PARTIES);
    expect(seededUpstream({ seed: 42, bills: 40 }, PARTIES)).to.deep.equal(bills);
    expect(seededUpstream({ seed: 43, bills: 40 }, PARTIES)).not.to.deep.equal(bills);
    const packages = bills.flatMap(({ lines }) => lines).flatMap((line) => line.packages.flatMap(flat));
    const codes = packages.map(({ code }) => code);
    expect(new Set(codes).size).to.equal(codes.length);
    expect(codes.every((code) => /^8999\d{16}$/.test(code))).to.equal(true);
    expect([1, 2, 3].map((level) => packages.some((each) => each.level === level))).to.deep.equal([true, true, true]);
    expect(packages.every(({ level, children }) => (children ?? []).every((child) => child.level < level))).to.equal(true);
    expect(new Set(bills.map(({ billCode }) => billCode)).size).to.equal(40);
    expect(bills.every(({ from, to }) => PARTIES.suppliers.includes(from) && to === PARTIES.hospital)).to.equal(true);
  });

  it('makes codes of different seeds that are never the same', () => {
    const codesOf = (seed: number): string[] => seededUpstream({ seed, bills: 30 }, PARTIES).flatMap(({ lines }) => lines).flatMap((line) => line.packages.flatMap(flat)).map(({ code }) => code);
    const one = new Set(codesOf(1));
    expect(codesOf(2).some((code) => one.has(code))).to.equal(false);
  });

  it('opens a carton only when the receipt was processed and some time has passed', async () => {
    let now = Date.parse('2026-11-22T09:00:00+08:00');
    const { mah } = await start({ processing: { uploadedMs: 100, doneMs: 1_000, relationMs: 4_000 } }, () => now);
    const open = async (): Promise<unknown> => (await callMah(sandbox as Sandbox, METHOD.relation, { ref_ent_id: mah.refEntId, code: CARTON, des_ref_ent_id: mah.refEntId }, { change: { timestamp: chinaDateTime(now) } })).body['result'];
    expect(await open()).to.include({ msg_code: 'FAIL_BIZ_NOT_CURRENT_OPERATE_CODE' });
    await callMah(sandbox as Sandbox, METHOD.uploadInOut, { bill_code: 'RK1', bill_time: chinaDateTime(now), bill_type: '102', physic_type: '3', ref_user_id: mah.refEntId, from_user_id: SANDBOX_SUPPLIERS[0]?.entId ?? '', to_user_id: mah.entId, trace_codes: CARTON, client_type: '2' }, { change: { timestamp: chinaDateTime(now) } });
    now += 4_999;
    expect(await open()).to.include({ response_success: false });
    now += 2;
    expect(await open()).to.include({ response_success: true });
  });

  it('warns of what other enterprises did with a code and of what is wrong with it, and of nothing else', async () => {
    const apps = [{ appKey: 'k', appSecret: 's' }];
    const { mah } = await start({ apps, enterprises: [SANDBOX_HOSPITAL, OTHER_HOSPITAL, ...SANDBOX_SUPPLIERS], codeStates: { '89990010000000990002': 'N' }, codeWarnings: { '89990010000000990003': [1] }, processing: { uploadedMs: 0, doneMs: 0 } });
    const warnings = async (code: string): Promise<readonly unknown[]> => {
      const reply = await callMah(sandbox as Sandbox, WARNING, { ref_ent_id: mah.refEntId, code });
      return (reply.body['result'] as { model: { warning_info_type: number }[] }).model.map((row) => row.warning_info_type);
    };
    expect(await warnings(CODE)).to.deep.equal([]);
    await callMah(sandbox as Sandbox, METHOD.uploadRetail, { bill_code: 'D1', bill_time: chinaDateTime(Date.now()), bill_type: '323', ref_user_id: OTHER_HOSPITAL.refEntId, trace_codes: CODE });
    expect(await warnings(CODE)).to.deep.equal([2]);
    expect(await warnings('89990010000000990002')).to.deep.equal([4]);
    expect(await warnings('89990010000000990003')).to.deep.equal([1]);
    expect(await warnings('89990010000000990003'.replace(/^8/, '7'))).to.deep.equal([5]);
    expect((await callMah(sandbox as Sandbox, WARNING, { ref_ent_id: mah.refEntId })).body).to.have.nested.property('error_response.code', 40);
  });

  it('counts the suppliers\' bills of the days asked for, and knows no other days', async () => {
    const { mah } = await start({ upstreamBills: [], upstreamSeed: { seed: 5, bills: 9, lastDay: '2026-11-20' } });
    const count = async (change: Record<string, string>): Promise<unknown> => ((await callMah(sandbox as Sandbox, UPSTREAM_COUNT, { ref_ent_id: mah.refEntId, begin_date: '2026-11-19', end_date: '2026-11-20', ...change })).body['result'] as { model_list: unknown }).model_list;
    expect(await count({})).to.deep.equal([{ bill_type: '201', bill_type_name: '销售出库', count: 6 }]);
    expect(await count({ bill_type: '209' })).to.deep.equal([]);
    expect((await callMah(sandbox as Sandbox, UPSTREAM_COUNT, { ref_ent_id: mah.refEntId, begin_date: '2026-11-19' })).body).to.have.nested.property('error_response.code', 40);
  });
});
