import { expect } from 'chai';
import { startSandbox, type MahOptions, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { callMah, METHOD, receiptBill, today, useBill, type MahReply } from '../../support/sandbox-requests.ts';

const code = (serial: number): string => `8999001${String(serial).padStart(9, '0')}1234`;
const CARTON = '89990030000000010001';
const MIDDLE = '89990020000000020001';
const SMALL = '89990010000000300011';
const SUPPLIER = { entId: '899900000000000201', refEntId: 'e8999bb0000000000000000000000201' };

describe('sandbox MAH platform: bills', () => {
  let sandbox: Sandbox;
  let now: number;
  const open = async (mah: MahOptions = {}): Promise<void> => {
    now = Date.now();
    sandbox = await startSandbox({ mah: { processing: { uploadedMs: 1_000, doneMs: 3_000 }, ...mah }, now: () => now });
  };
  const use = (billCode: string, codes: readonly string[], change: Record<string, string> = {}): Promise<MahReply> => callMah(sandbox, METHOD.uploadRetail, useBill(sandbox, billCode, codes, change));
  const receive = (billCode: string, codes: readonly string[], change: Record<string, string> = {}): Promise<MahReply> => callMah(sandbox, METHOD.uploadInOut, receiptBill(sandbox, billCode, codes, change));
  const ask = (method: string, parameters: Record<string, string> = {}): Promise<MahReply> => callMah(sandbox, method, { ref_ent_id: sandbox.mah.refEntId, ...parameters });
  const days = (): Record<string, string> => ({ begin_date: today(), end_date: today(), page: '1', cur_page: '1', page_size: '20' });
  const status = async (billCode: string): Promise<Record<string, unknown> | undefined> => {
    const reply = await ask(METHOD.billStatus, { ...days(), bill_type: 'A', bill_code: billCode });
    return ((reply.body['result'] as { model: { result_list: Record<string, unknown>[] } }).model.result_list)[0];
  };

  beforeEach(() => open());
  afterEach(() => sandbox.stop());

  it('accepts a 323 for processing, shows 0, 1, then 3 with flag 51', async () => {
    const reply = await use('B1', [code(1), code(2)]);
    expect(reply.body).to.include({ response_success: true, msg_code: 'SUCCESS', model: 'B1' });
    expect(await status('B1')).to.include({ result_type: '0', bill_code: 'B1', bill_type: '323', ref_user_id: sandbox.mah.refEntId, from_user_id: sandbox.mah.entId });
    now += 1_000;
    expect(await status('B1')).to.include({ result_type: '1' });
    expect(await status('B1')).not.to.have.property('sub_process_flag');
    now += 2_000;
    expect(await status('B1')).to.include({ result_type: '3', sub_process_flag: '51' });
    expect(sandbox.mahBook.entries[0]).to.deep.include({ key: 'B1', billType: '323', codes: [code(1), code(2)], resultType: '3', subProcessFlag: '51', live: true });
  });

  it('shows nothing for a bill it never got', async () => {
    expect(await status('NONE')).to.equal(undefined);
    const detail = await ask(METHOD.billDetail, { bill_code: 'NONE', show_code: '1' });
    expect(detail.body).to.have.nested.property('result.msg_code', 'FAIL_BIZ_NO_PAT_INFO');
    expect(detail.body).to.have.nested.property('result.msg_info', '信息不存在');
    expect(detail.body).to.have.nested.property('result.response_success', false);
  });

  describe('part of a bill', () => {
    beforeEach(async () => {
      await sandbox.stop();
      await open({ codeStates: { [code(1)]: 'N', [code(2)]: 'C', [code(3)]: 'E' } });
    });
    it('fails code by code with flag 52, and lists the codes that failed', async () => {
      await use('B1', [code(1), code(2), code(3), code(4), '12345']);
      const none = await ask(METHOD.partSuccess, { page: '1', page_size: '10', bill_code: 'B1' });
      expect(none.body).to.have.nested.property('model.total_num', 0);
      now += 3_000;
      expect(await status('B1')).to.include({ result_type: '3', sub_process_flag: '52' });
      const list = await ask(METHOD.partSuccess, { page: '1', page_size: '10', bill_code: 'B1' });
      expect(list.body).to.include({ response_success: true });
      const rows = (list.body['model'] as { result: Record<string, string>[] }).result;
      expect(rows.map((row) => [row['code'], row['error_code']])).to.deep.equal([[code(1), '1'], [code(2), '4'], [code(3), '5'], ['12345', '2']]);
      expect(sandbox.mahBook.entries[0]).to.include({ subProcessFlag: '52' });
    });
    it('fails the whole bill when ignore_part_success_flag is 1, and moves no code', async () => {
      await use('B1', [code(1), code(4)], { ignore_part_success_flag: '1' });
      now += 3_000;
      expect(await status('B1')).to.include({ result_type: '4' });
      expect(sandbox.mahBook.entries[0]).to.include({ live: false, resultType: '4' });
      expect((await use('B2', [code(4)])).body).to.include({ response_success: true });
    });
    it('fails a bill none of whose codes is good', async () => {
      await use('B1', [code(1)]);
      now += 3_000;
      expect(await status('B1')).to.include({ result_type: '4' });
      expect((await ask(METHOD.billDetail, { bill_code: 'B1', show_code: '1' })).body).to.have.nested.property('result.response_success', false);
    });
  });

  describe('refusals', () => {
    const text = (reply: MahReply): string => {
      expect(reply.body['response_success'], reply.text).to.equal(false);
      return String(reply.body['msg_info']);
    };
    it('a bill number twice, for ever', async () => {
      await use('B1', [code(1)]);
      const again = await use('B1', [code(2)]);
      expect(text(again)).to.include('该单据号已存在');
      expect(sandbox.mahBook.doubleKeys).to.deep.equal([`${sandbox.mah.refEntId}/B1`]);
      expect(sandbox.mahBook.reportsByKey).to.deep.equal({ [`${sandbox.mah.refEntId}/B1`]: 1 });
    });
    it('a code that flows in another bill of the same kind, naming that bill, until it came back', async () => {
      await use('B1', [code(1), code(2)]);
      const again = await use('B2', [code(3), code(1)]);
      expect(again.body['msg_code']).to.equal('FAIL_BIZ_BILL_DUPLICATE_UPLOAD_BILLCODE_REPEAT_CODE');
      expect(text(again)).to.include('B1').and.include(code(1));
      expect(sandbox.mahBook.doubleCodes).to.deep.equal([code(1)]);
      expect((await use('B3', [code(1)], { bill_type: '116', from_user_id: '' })).body).to.include({ response_success: true });
      expect((await use('B4', [code(1)])).body).to.include({ response_success: true });
      expect(sandbox.mahBook.entries.map((entry) => entry.key)).to.deep.equal(['B1', 'B3', 'B4']);
    });
    it('a code twice in one bill, and a package together with one inside it', async () => {
      const repeated = await use('B1', [code(1), code(1)]);
      expect(text(repeated)).to.include('校验不通过');
      const info = (reply: MahReply): unknown => JSON.parse((reply.body['operation_info_map'] as Record<string, string>)['code_check_error_info'] ?? '');
      expect(info(repeated)).to.deep.equal({ 3: code(1) });
      const nested = await receive('B2', [CARTON, SMALL]);
      expect(info(nested)).to.deep.equal({ 6: `${SMALL}(下级);${CARTON}(上级)` });
      expect(sandbox.mahBook.entries).to.have.length(0);
    });
    it('more than 3,500 codes', async () => {
      const many = Array.from({ length: 3_501 }, (_, index) => code(index));
      expect((await use('B1', many)).body).to.have.nested.property('error_response.code', 41);
      expect((await use('B1', many.slice(1))).body).to.include({ response_success: true });
    });
    it('321, which is the pharmacy\'s', async () => {
      expect(text(await use('B1', [code(1)], { bill_type: '321' }))).to.include('323');
      expect(text(await receive('B1', [code(1)], { bill_type: '321' }))).to.include('323');
    });
    it('the use side on the in/out method and the reverse', async () => {
      for (const type of ['323', '116', '322']) expect(text(await receive('B1', [code(1)], { bill_type: type })), type).to.include('uploadretail');
      expect(text(await use('B1', [code(1)], { bill_type: '102' }))).to.include('uploadinoutbill');
    });
    it('bill types that no hospital text names, unless the site has them', async () => {
      expect(text(await receive('B1', [code(1)], { bill_type: '104' }))).to.include('未开通');
      expect(text(await receive('B1', [code(1)], { bill_type: '101' }))).to.include('未开通');
      expect(text(await receive('B1', [code(1)], { bill_type: '999' }))).to.include('bill_type不存在');
      await sandbox.stop();
      await open({ extraBillTypes: [104] });
      expect((await receive('B1', [code(1)], { bill_type: '104' })).body).to.include({ response_success: true });
    });
    it('parties in the wrong direction', async () => {
      const { entId } = sandbox.mah;
      expect(text(await receive('B1', [code(1)], { from_user_id: entId, to_user_id: SUPPLIER.entId }))).to.include('to_user_id应为本企业');
      expect(text(await receive('B1', [code(1)], { from_user_id: entId }))).to.include('同一企业');
      expect(text(await receive('B1', [code(1)], { bill_type: '202' }))).to.include('from_user_id应为本企业');
      expect(text(await receive('B1', [code(1)], { bill_type: '205', from_user_id: entId, to_user_id: SUPPLIER.entId }))).to.include('to_user_id应为本企业');
      expect(text(await receive('B1', [code(1)], { from_user_id: '899900000000009999' }))).to.include('企业不存在');
      expect((await receive('B1', [code(1)], { bill_type: '205', from_user_id: entId, to_user_id: entId })).body).to.include({ response_success: true });
      expect((await receive('B2', [code(2)], { bill_type: '202', from_user_id: entId, to_user_id: SUPPLIER.entId })).body).to.include({ response_success: true });
      expect(text(await use('B3', [code(3)], { from_user_id: SUPPLIER.entId }))).to.include('from_user_id应为本企业');
    });
    it('wrong constants, times and missing members as argument errors', async () => {
      const error = async (reply: Promise<MahReply>): Promise<unknown> => ((await reply).body['error_response'] as Record<string, unknown>)['code'];
      expect(await error(receive('B1', [code(1)], { client_type: '1' }))).to.equal(41);
      expect(await error(receive('B1', [code(1)], { bill_time: '2026-11-22' }))).to.equal(41);
      expect(await error(receive('B1', [code(1)], { physic_type: '7' }))).to.equal(41);
      expect(await error(receive('B1', [code(1)], { drug_list_json: 'x' }))).to.equal(41);
      expect(await error(receive('', [code(1)]))).to.equal(40);
      expect(await error(use('B1', [code(1), '']))).to.equal(41);
      expect(text(await receive('B1', [code(1)], { xt_is_check: '0' }))).to.include('xt_check_code');
    });
  });

  it('answers the own bills by search, detail and count', async () => {
    await use('USE', [code(1)]);
    await receive('IN', [CARTON]);
    const list = async (method: string): Promise<unknown[]> => ((await ask(method, { ...days(), bill_type: 'A' })).body['result'] as { model: { result_list: Record<string, unknown>[] } }).model.result_list.map((row) => row['bill_code']);
    expect(await list(METHOD.searchRetail)).to.deep.equal(['USE']);
    expect(await list(METHOD.searchBill)).to.deep.equal(['IN']);
    const detail = (await ask(METHOD.billDetail, { bill_code: 'IN', show_code: '1' })).body;
    expect(detail).to.have.nested.property('result.model.codes').that.deep.equals([CARTON]);
    expect(detail).to.have.nested.property('result.model.bill_chk_in_out_detail_list_d_t_o_list[0].min_pkg_count', '10');
    expect((await ask(METHOD.upBillDetail, { bill_code: 'USE' })).body).to.have.nested.property('result.model.bill_type_name', '使用出库');
    expect((await ask(METHOD.billCount, days())).body).to.have.nested.property('result.model_list').with.length(2);
    const before = { ...days(), begin_date: '2020-01-01', end_date: '2020-01-02', bill_type: 'A' };
    expect((await ask(METHOD.billStatus, before)).body).to.have.nested.property('result.model.total_num', 0);
    const inbound = await ask(METHOD.billStatus, { ...days(), bill_type: 'AI' });
    expect(inbound.body).to.have.nested.property('result.model.total_num', 1);
    const waiting = await ask(METHOD.billStatus, { ...days(), bill_type: '323', deal_status: '3' });
    expect(waiting.body).to.have.nested.property('result.model.total_num', 0);
  });

  it('tells both keys of an enterprise by name, only of those it knows', async () => {
    const found = await ask(METHOD.entInfoList, { query_param: JSON.stringify({ ent_name: '示范医药有限公司' }) });
    expect(found.body).to.have.nested.property('result.model[0].ent_id', SUPPLIER.entId);
    expect(found.body).to.have.nested.property('result.model[0].ref_ent_id', SUPPLIER.refEntId);
    expect((await ask(METHOD.entInfoList, { query_param: JSON.stringify({ ent_name: '没有的公司' }) })).body).to.have.nested.property('result.response_success', false);
    expect((await ask(METHOD.entInfoList, { query_param: '{}' })).body).to.have.nested.property('error_response.code', 41);
    expect((await callMah(sandbox, METHOD.entInfo, { ent_name: '示范医院' })).body).to.have.nested.property('result.model.ref_ent_id', sandbox.mah.refEntId);
    const partners = await ask(METHOD.listParts, { page: '1', page_size: '10', audit_flag: '1' });
    expect(partners.body).to.have.nested.property('result.model.result_list[0].partner_ent_id', SUPPLIER.entId);
    expect(partners.body).to.have.nested.property('result.model.result_list[0].par_ref_ent_id', SUPPLIER.refEntId);
  });

  it('makes up an enterprise for any name when so set, the same one each time, usable on a bill', async () => {
    await sandbox.stop();
    await open({ partners: 'any-name' });
    const look = async (): Promise<Record<string, string>> => ((await ask(METHOD.entInfoList, { query_param: JSON.stringify({ ent_name: '本地某医药公司' }) })).body['result'] as { model: Record<string, string>[] }).model[0] ?? {};
    const first = await look();
    expect(await look()).to.deep.equal(first);
    expect(first['ent_id']).not.to.equal(first['ref_ent_id']);
    expect((await receive('B1', [code(1)], { from_user_id: first['ent_id'] ?? '' })).body).to.include({ response_success: true });
  });

  it('gives the upstream bill by code and by day, with codes of every level', async () => {
    const byCode = await ask(METHOD.upBillCode, { code: SMALL });
    expect(byCode.body).to.have.nested.property('result.model_list[0].bill_code', 'XS20261120001');
    expect((await ask(METHOD.upBillCode, { code: code(1) })).body).to.have.nested.property('result.model_list').with.length(0);
    const list = await ask(METHOD.listUpOut, { begin_date: '2026-11-20', end_date: '2026-11-20', page: '1', page_size: '10' });
    expect(list.body).to.have.nested.property('result.model.result_list[0].status', '1');
    expect((await ask(METHOD.upOutDetail, { bill_code: 'XS20261120001', to_ref_user_id: sandbox.mah.refEntId })).body).to.have.nested.property('error_response.code', 40);
    const detail = await ask(METHOD.upOutDetail, { bill_code: 'XS20261120001', to_ref_user_id: sandbox.mah.refEntId, from_ref_user_id: SUPPLIER.refEntId });
    expect(detail.body).to.have.nested.property('result.model.drug_infos_dto_list[0].code_info_list_dto_list').with.length(13);
    expect(detail.body).to.have.nested.property('result.success', true);
  });

  it('expands a carton only after our own 102 with it was processed', async () => {
    const relation = (asked: string): Promise<MahReply> => ask(METHOD.relation, { code: asked, des_ref_ent_id: sandbox.mah.refEntId });
    expect((await relation(CARTON)).body).to.have.nested.property('result.msg_code', 'FAIL_BIZ_NOT_CURRENT_OPERATE_CODE');
    await receive('IN', [CARTON]);
    expect((await relation(CARTON)).body).to.have.nested.property('result.msg_code', 'FAIL_BIZ_NOT_CURRENT_OPERATE_CODE');
    now += 3_000;
    const rows = ((await relation(MIDDLE)).body['result'] as { model_list: { code_relation_list: Record<string, string>[]; is_smallest: string }[] }).model_list[0];
    expect(rows?.is_smallest).to.equal('N');
    expect(rows?.code_relation_list).to.have.length(13);
    const row = rows?.code_relation_list.find((each) => each['code'] === SMALL);
    expect(row).to.include({ parent_code: MIDDLE, code_pack_level: '1', code_level: '3' });
    const status = (await ask(METHOD.codeDetail, { codes: `${SMALL},${code(1)}` })).body;
    expect(status).to.have.nested.property('result.models[0].code_status_type_d_t_o.code_status', 'I');
    expect(status).to.have.nested.property('result.models[1].code_status_type_d_t_o.code_status', 'A');
    await use('OUT', [SMALL]);
    now += 3_000;
    expect((await ask(METHOD.codeDetail, { codes: SMALL })).body).to.have.nested.property('result.models[0].code_status_type_d_t_o.code_status', 'O');
  });

  it('lists drugs with a resource code per package level, and the end of the service', async () => {
    const table = await ask(METHOD.drugTable, { physic_name: '阿莫西林', page: '1', page_size: '10' });
    expect(table.body).to.have.nested.property('result.model.result_list[0].sub_type_list[0].code_res_list').with.length(3);
    expect((await ask(METHOD.endDate, { business: '1', service: '11' })).body).to.have.nested.property('result.end_date', '2099-12-31');
  });

  it('keeps no patient in its book', async () => {
    await use('B1', [code(1)], { user_name: '张三', customer_id_type: '1', customer_id: '350000199001010000' });
    const text = await (await fetch(`${new URL(sandbox.mah.url).origin}/sandbox/book`)).text();
    expect(text).to.include('B1');
    expect(text).not.to.include('张三');
    expect(text).not.to.include('350000199001010000');
  });
});
