import { expect } from 'chai';
import { METHOD_LABELS, METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import { PROBE_CALLS } from '../../../connectors/mah-alihealth/probe-calls.ts';
import { FakeTop, gatewayError, notFound, refused, rows, type FakeAnswer } from './fake-top.ts';
import { HOSPITAL, MemoryCounters } from './fixtures.ts';
import { openDestination } from './open-destination.ts';

describe('mah-alihealth probe', () => {
  let top: FakeTop;

  beforeEach(async () => {
    top = new FakeTop();
    await top.start();
    top.on(METHODS.enterprises, enterprise('REF-HOSPITAL'));
    top.on(METHODS.serviceEnd, { result: { success: true, end_date: '2099-12-31' } });
    for (const { method } of PROBE_CALLS) top.on(method, rows());
    for (const method of [METHODS.partFailures, METHODS.billDetail, METHODS.upstreamDetail, METHODS.ownBillDetail]) top.on(method, notFound());
    top.on(METHODS.relation, refused('FAIL_BIZ_NOT_CURRENT_OPERATE_CODE', '非当前企业操作的追溯码'));
  });
  afterEach(() => top.stop());

  function enterprise(refEntId: string): object {
    return { result: { response_success: true, model: [{ ent_id: 'ENT-HOSPITAL', ref_ent_id: refEntId, ent_name: '示范医院' }] } };
  }

  async function probing(institution = HOSPITAL, counters = new MemoryCounters()): Promise<Record<string, { readonly ok: boolean; readonly detail: string }>> {
    const { destination } = openDestination(top.url, {}, { institutions: [institution], counters });
    const results = await destination.probe();
    await destination.stop();
    return Object.fromEntries(results.map(({ what, ok, detail }) => [what.split(' ').at(-1) ?? '', { ok, detail }]));
  }

  it('finds everything in order, without uploading anything', async () => {
    const results = await probing();
    expect(Object.values(results).every(({ ok }) => ok), JSON.stringify(results)).to.equal(true);
    expect(Object.keys(results)).to.have.members(Object.values(METHOD_LABELS));
    expect(results['服务期限']?.detail).to.include('2099-12-31');
    expect(top.calls.some((call) => call.method.includes('upload'))).to.equal(false);
  });

  it('finds a pair of ids that do not belong together', async () => {
    top.on(METHODS.enterprises, enterprise('REF-OF-SOMEBODY-ELSE'));
    expect((await probing())['企业编号']).to.deep.include({ ok: false });
    top.on(METHODS.enterprises, notFound());
    expect((await probing())['企业编号']?.ok).to.equal(false);
  });

  it('tells needed methods that are not granted from those that only help', async () => {
    for (const method of [METHODS.billStatus, METHODS.billDetail]) top.on(method, gatewayError(11));
    const results = await probing();
    expect(results['单据处理状态']?.ok).to.equal(false);
    expect(results['单据处理状态']?.detail).to.include('未获授权');
    expect(results['单据明细核对']?.ok).to.equal(true);
    expect(results['单据明细核对']?.detail).to.include('人工');
  });

  const faults: readonly (readonly [string, FakeAnswer, RegExp])[] = [
    ['a wrong secret', gatewayError(25), /appSecret/], ['a wrong clock', gatewayError(31), /校时/], ['throttling', gatewayError(7, '', 'ban 1 more seconds'), /频繁/],
    ['a web page', { status: 502, body: '<html></html>' }, /没有正常答复/], ['a refusal', refused('FAIL', '企业不存在'), /企业不存在/],
  ];
  for (const [name, answer, text] of faults) {
    it(`says what to do about ${name}`, async () => {
      top.on(METHODS.billStatus, answer);
      const result = (await probing())['单据处理状态'];
      expect(result?.ok).to.equal(false);
      expect(result?.detail).to.match(text);
    });
  }

  it('says that the service has ended, before uploads fail', async () => {
    top.on(METHODS.serviceEnd, { result: { success: true, end_date: '2020-01-01' } });
    expect((await probing())['服务期限']).to.deep.include({ ok: false, detail: '服务已于 2020-01-01 到期，请续费' });
  });

  it('names the id that the configuration lacks', async () => {
    const { mah: _, ...bare } = HOSPITAL;
    expect((await probing({ ...bare, mah: { entId: 'ENT-HOSPITAL' } }))['H35010200001']?.detail).to.include('mah.refEntId');
    expect((await probing({ ...bare, mah: { refEntId: 'REF-HOSPITAL' } }))['H35010200001']?.detail).to.include('mah.entId');
  });

  it('says since when a method is refused, and asks again although it remembers', async () => {
    const counters = new MemoryCounters();
    top.on(METHODS.codeWarning, gatewayError(11));
    const first = (await probing(HOSPITAL, counters))['追溯码异常预警'];
    expect(first?.ok).to.equal(true);
    expect(first?.detail).to.match(/未获授权.*\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} 起/);
    expect((await probing(HOSPITAL, counters))['追溯码异常预警']?.detail).to.equal(first?.detail);
    top.on(METHODS.codeWarning, rows());
    expect((await probing(HOSPITAL, counters))['追溯码异常预警']?.detail).to.equal('接口可用');
    expect(top.callsOf(METHODS.codeWarning)).to.have.length(3);
  });

  it('tries what only helps for the first institution of the app key, and what reports need for each', async () => {
    const { destination } = openDestination(top.url, {}, { institutions: [HOSPITAL, { ...HOSPITAL, code: 'H35010200002' }] });
    await destination.probe();
    await destination.stop();
    expect(top.callsOf(METHODS.codeDetail)).to.have.length(1);
    expect(top.callsOf(METHODS.billStatus)).to.have.length(2);
  });

  it('says of an upload what became of the last one', async () => {
    const counters = new MemoryCounters();
    expect((await probing(HOSPITAL, counters))['使用单据上传']?.detail).to.include('尚无记录');
    for (const key of [...counters.values.keys()]) if (key.includes('codedetail')) counters.values.set(key.replace('query.codedetail', 'uploadretail'), JSON.stringify({ granted: false, since: Date.now(), at: Date.now(), code: 11 }));
    expect((await probing(HOSPITAL, counters))['使用单据上传']).to.deep.include({ ok: false });
  });
});
