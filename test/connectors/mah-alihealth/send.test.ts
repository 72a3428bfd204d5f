import { expect } from 'chai';
import type { SendResult } from '../../../adapter/domain/outcome.ts';
import type { Report } from '../../../adapter/ports/destination.ts';
import { METHODS } from '../../../connectors/mah-alihealth/methods.ts';
import { planEvent } from '../../../connectors/mah-alihealth/plan.ts';
import type { MahSettings } from '../../../connectors/mah-alihealth/settings.ts';
import { FakeTop, gatewayError, refused, taken, type FakeAnswer } from './fake-top.ts';
import { codeOf, HOSPITAL, lineCode, mahSettings, reported, reportLine, reportOf, SUPPLIER } from './fixtures.ts';
import { openDestination, type OpenDestination } from './open-destination.ts';

describe('mah-alihealth send', () => {
  let top: FakeTop;
  let open: OpenDestination;

  beforeEach(async () => {
    top = new FakeTop();
    await top.start();
    open = openDestination(top.url);
  });
  afterEach(async () => {
    await open.destination.stop();
    await top.stop();
  });

  function report(event: object = {}, change: Partial<MahSettings> = {}): Report {
    const of = reported(event, [reportLine([lineCode(codeOf(1)), lineCode(codeOf(2))])]);
    const [plan] = planEvent(of, mahSettings(change));
    if (plan === undefined) throw new Error('nothing planned');
    return reportOf(plan, of);
  }

  async function sending(...answers: FakeAnswer[]): Promise<SendResult> {
    top.on(METHODS.uploadUse, ...answers);
    return open.send(report());
  }

  it('takes success for "taken in", not for the final word', async () => {
    expect(await sending(taken())).to.deep.include({ kind: 'processing', askAfterMs: 3_000 });
  });

  it('uploads dispensing and patient returns through uploadretail, dealings with others through uploadinoutbill', async () => {
    top.on(METHODS.uploadUse, taken());
    top.on(METHODS.uploadInOut, taken());
    for (const kind of ['dispense', 'dispense-return', 'receipt', 'supplier-return', 'destroy'] as const) expect((await open.send(report({ kind, counterparty: { code: SUPPLIER.code } }))).kind).to.equal('processing');
    expect(top.callsOf(METHODS.uploadUse).map((call) => call.parameters.get('bill_type'))).to.deep.equal(['323', '116']);
    expect(top.callsOf(METHODS.uploadInOut).map((call) => call.parameters.get('bill_type'))).to.deep.equal(['102', '202', '205']);
  });

  it('reads the answer whatever format was asked for', async () => {
    const root = 'alibaba_alihealth_drugtrace_top_yljg_uploadretail_response';
    expect((await sending(`<${root}><response_success>true</response_success><model>x</model></${root}>`)).kind).to.equal('processing');
    expect((await sending({ [root]: { response_success: 'true', model: 'x' } })).kind).to.equal('processing');
  });

  const cases: readonly (readonly [string, FakeAnswer, string, string])[] = [
    ['code 7 again and again', gatewayError(7, 'accesscontrol.limited-by-app-api-access-count', 'ban 1 more seconds'), 'unavailable', 'THROTTLED'],
    ['code 4', gatewayError(4), 'unavailable', 'THROTTLED'], ['code 8', gatewayError(8), 'unavailable', 'THROTTLED'],
    ['code 10', gatewayError(10), 'unavailable', 'SERVICE_DOWN'],
    ['code 11', gatewayError(11, 'isv.permission-api-package-limit'), 'unavailable', 'NOT_GRANTED'], ['code 12', gatewayError(12), 'unavailable', 'NOT_GRANTED'], ['code 13', gatewayError(13), 'unavailable', 'NOT_GRANTED'],
    ['code 42', gatewayError(42), 'unavailable', 'NOT_GRANTED'], ['code 25', gatewayError(25), 'unavailable', 'AUTH'], ['code 26', gatewayError(26), 'unavailable', 'AUTH'], ['code 27', gatewayError(27), 'unavailable', 'AUTH'],
    ['code 29', gatewayError(29), 'unavailable', 'AUTH'], ['code 31', gatewayError(31), 'unavailable', 'CLOCK'],
    ['code 15 isp', gatewayError(15, 'isp.remote-service-error'), 'unknown', 'SERVER_FAULT'], ['code 50 isp', gatewayError(50, 'isp.timeout'), 'unknown', 'SERVER_FAULT'], ['code 15 without sub_code', gatewayError(15), 'unknown', 'UNKNOWN_TEXT'],
    ['code 15 isv', gatewayError(15, 'isv.invalid-parameter:bill_type'), 'rejected', 'CONFIGURATION'], ['code 50 isv', gatewayError(50, 'isv.missing-parameter:x'), 'rejected', 'MISSING_FIELD'],
    ['code 40', gatewayError(40), 'rejected', 'CONFIGURATION'], ['code 41', gatewayError(41), 'rejected', 'CONFIGURATION'], ['code 22', gatewayError(22), 'rejected', 'CONFIGURATION'], ['a code nobody knows', gatewayError(999), 'unknown', 'UNKNOWN_TEXT'],
    ['HTTP 502 with a web page', { status: 502, body: '<html>Bad Gateway</html>' }, 'unknown', 'SERVER_FAULT'], ['a web page with status 200', '<html>login</html>', 'unknown', 'BAD_REPLY'],
    ['truncated JSON', '{"response_success":tr', 'unknown', 'BAD_REPLY'], ['an answer without a flag', { request_id: 'r' }, 'unknown', 'BAD_REPLY'], ['no answer in time', 'hang', 'unknown', 'TIMEOUT'], ['a broken connection', 'drop', 'unknown', 'NETWORK'],
    ['FAIL', refused('FAIL', '药品信息不存在'), 'rejected', 'UNKNOWN_TEXT'], ['a business rule', refused('FAIL_BIZ_SOMETHING', 'x'), 'rejected', 'RULE'],
    ['a code not in our hands', refused('FAIL_BIZ_NOT_CURRENT_OPERATE_CODE', 'x'), 'rejected', 'CODE_NOT_INBOUND'], ['BILL_DECODE_ERROR', refused('BILL_DECODE_ERROR'), 'rejected', 'CONFIGURATION'],
    ['a stumble inside the platform', refused('SYSTEM_ERROR', '系统异常'), 'unknown', 'SYSTEM'],
    ['a used bill number', refused('FAIL', '该单据号已存在:B1'), 'unknown', 'BILL_CONFLICT'], ['a used file name', refused('BILL_FILE_NAME_DUPLICATE_UPLOAD'), 'unknown', 'BILL_CONFLICT'],
    ['codes that already flow', refused('FAIL_BIZ_BILL_DUPLICATE_UPLOAD_BILLCODE_REPEAT_CODE', '追溯码已在单据RK20260001中流通'), 'unknown', 'BILL_CONFLICT'],
  ];
  for (const [name, answer, kind, reason] of cases) {
    it(`takes ${name} as ${kind} (${reason})`, async () => {
      expect(await sending(answer)).to.include({ kind, reason });
    });
  }

  it('takes a refused connection as provably not sent', async () => {
    await top.stop();
    expect(await open.send(report())).to.include({ kind: 'unavailable', reason: 'NETWORK' });
    await top.start();
  });

  it('gets a throttled bill through within the same attempt', async () => {
    expect((await sending(gatewayError(7, 'accesscontrol.limited-by-app-api-access-count', 'This ban will last for 2 more seconds'), gatewayError(7, 'accesscontrol.limited-by-app-api-access-count', 'This ban will last for 1 more seconds'), taken())).kind).to.equal('processing');
    expect(top.callsOf(METHODS.uploadUse)).to.have.length(3);
  });

  it('names the bad codes of a refused bill, with the reason of each kind', async () => {
    const info = JSON.stringify({ 1: codeOf(1), 6: `${codeOf(2)}(下级);${codeOf(9, '8999201')}(上级)` });
    const result = await sending(refused('FAIL', '校验不通过', { operation_info_map: { code_check_error_info: info } }));
    expect(result).to.deep.include({ kind: 'rejected', reason: 'INVALID_CODE', codes: [codeOf(1), codeOf(2), codeOf(9, '8999201')] });
    expect(result.kind === 'rejected' ? result.peerText : '').to.include('未激活 1 个').and.include('上下级');
  });

  it('tells a repeated code from others, and takes lists as well as text', async () => {
    expect(await sending(refused('FAIL', '', { operation_info_map: { code_check_error_info: JSON.stringify({ 3: [codeOf(1), codeOf(2)] }) } }))).to.deep.include({ reason: 'DUPLICATE_CODE', codes: [codeOf(1), codeOf(2)] });
  });

  it('does not send after it was stopped, and says that nothing was sent', async () => {
    top.on(METHODS.uploadUse, taken());
    expect(await open.send(report(), AbortSignal.abort())).to.include({ kind: 'unavailable' });
    await open.destination.stop();
    expect((await open.send(report())).kind).to.equal('unavailable');
    expect(top.calls).to.have.length(0);
  });

  it('answers one result per report, in order', async () => {
    top.on(METHODS.uploadUse, taken());
    const results = await open.destination.send([report(), report({ kind: 'receipt', counterparty: { name: '不知名公司' } }), report({ id: 'E3' })], { signal: new AbortController().signal });
    expect(results.map((result) => result.kind)).to.deep.equal(['processing', 'rejected', 'processing']);
  });

  describe('the other side of a bill', () => {
    const receipt = (counterparty: object | undefined): Report => report({ kind: 'receipt', ...(counterparty === undefined ? {} : { counterparty }) });
    const partnerRow = (change: object = {}): object => ({ partner_name: '云上医药有限公司', partner_ent_id: 'ENT-CLOUD', par_ref_ent_id: 'REF-CLOUD', ent_id: 'DEAD', ref_ent_id: 'REF-HOSPITAL', audit_flag: '1', ...change });
    const partners = (...list: object[]): object => ({ result: { model: { total_num: list.length, result_list: list }, response_success: true, msg_code: 'SUCCESS' } });
    const none = (): object => ({ result: { response_success: false, msg_code: 'FAIL_BIZ_NO_PAT_INFO', msg_info: '信息不存在' } });
    const sentFrom = (): (string | undefined)[] => top.callsOf(METHODS.uploadInOut).map((call) => call.parameters.get('from_user_id'));

    beforeEach(() => {
      top.on(METHODS.uploadInOut, taken());
      top.on(METHODS.partners, none());
      top.on(METHODS.enterprises, none());
    });

    for (const [name, counterparty] of [['code', { code: 'G0012', name: '写错的名字' }], ['name', { name: '示范医药有限公司' }], ['name with a HIS code before it', { name: 'G0012-示范医药有限公司' }], ['name with a remark behind it', { name: '（0012）示范医药有限公司（停用）' }]] as const) {
      it(`is found in the configuration by ${name}, without asking the platform`, async () => {
        expect((await open.send(receipt(counterparty))).kind).to.equal('processing');
        expect(sentFrom()).to.deep.equal(['ENT-SUPPLIER']);
        expect(top.callsOf(METHODS.partners)).to.have.length(0);
      });
    }

    for (const [name, counterparty] of [['no supplier', undefined], ['an unknown supplier', { name: '不知名医药有限公司' }], ['a branch of a known supplier', { name: '示范医药有限公司（福州）' }], ['a code without a name', { code: 'G9999' }]] as const) {
      it(`is not guessed for ${name}: nothing is sent and a person is asked`, async () => {
        const result = await open.send(receipt(counterparty));
        expect(result).to.include({ kind: 'rejected', reason: 'OWNER_UNKNOWN' });
        expect(result.kind === 'rejected' ? result.peerText : '').to.match(/往来单位|平台/);
        expect(sentFrom()).to.deep.equal([]);
      });
    }

    it('is learnt from the partner list when exactly one has the name, and asked for only once', async () => {
      top.on(METHODS.partners, partners(partnerRow(), partnerRow({ partner_name: '云上医药有限公司厦门分公司', partner_ent_id: 'ENT-BRANCH' })));
      await open.send(receipt({ name: '云上医药有限公司' }));
      await open.send(receipt({ name: '云上医药有限公司' }));
      expect(sentFrom()).to.deep.equal(['ENT-CLOUD', 'ENT-CLOUD']);
      expect(top.callsOf(METHODS.partners)).to.have.length(1);
      expect(top.callsOf(METHODS.partners)[0]?.parameters.get('audit_flag')).to.equal('1');
    });

    it('is asked for again after a week', async () => {
      top.on(METHODS.partners, partners(partnerRow()));
      await open.send(receipt({ name: '云上医药有限公司' }));
      open.clock.offset += 8 * 86_400_000;
      await open.send(receipt({ name: '云上医药有限公司' })).catch(() => undefined);
      expect(top.callsOf(METHODS.partners).length + top.callsOf(METHODS.enterprises).length).to.be.above(1);
    });

    it('is taken from the directory of enterprises when no partner has the name', async () => {
      top.on(METHODS.enterprises, { result: { response_success: true, model: [{ ent_id: 'ENT-DIR', ref_ent_id: 'REF-DIR', ent_name: '云上医药有限公司', audit_status: 1 }] } });
      await open.send(receipt({ name: '云上医药有限公司' }));
      expect(sentFrom()).to.deep.equal(['ENT-DIR']);
      expect(JSON.parse(top.callsOf(METHODS.enterprises)[0]?.parameters.get('query_param') ?? '{}')).to.deep.equal({ ent_name: '云上医药有限公司' });
    });

    it('is the enterprise that replaced the partner, where one did', async () => {
      top.on(METHODS.partners, partners(partnerRow({ ent_extend: { replace_ent_id: 'ENT-NEW' } })));
      await open.send(receipt({ name: '云上医药有限公司' }));
      expect(sentFrom()).to.deep.equal(['ENT-NEW']);
    });

    it('is to be listed in the configuration where the application may not look anybody up', async () => {
      top.on(METHODS.partners, gatewayError(11));
      top.on(METHODS.enterprises, gatewayError(11));
      const result = await open.send(receipt({ name: '云上医药有限公司' }));
      expect(result).to.include({ kind: 'rejected', reason: 'OWNER_UNKNOWN' });
      expect(result.kind === 'rejected' ? result.peerText : '').to.include('未获授权');
    });

    it('is not chosen among several enterprises of one name', async () => {
      top.on(METHODS.partners, partners(partnerRow(), partnerRow({ partner_ent_id: 'ENT-OTHER' })));
      expect(await open.send(receipt({ name: '云上医药有限公司' }))).to.include({ kind: 'rejected', reason: 'OWNER_UNKNOWN' });
      expect(sentFrom()).to.deep.equal([]);
    });

    it('is not an enterprise that the platform has not approved', async () => {
      top.on(METHODS.partners, partners(partnerRow({ audit_flag: '0' })));
      expect(await open.send(receipt({ name: '云上医药有限公司' }))).to.include({ kind: 'rejected', reason: 'OWNER_UNKNOWN' });
    });

    it('keeps the bill in the queue when the look-up itself fails', async () => {
      top.on(METHODS.partners, { status: 502, body: '<html></html>' });
      expect(await open.send(receipt({ name: '云上医药有限公司' }))).to.include({ kind: 'unavailable', reason: 'SERVER_FAULT' });
      expect(sentFrom()).to.deep.equal([]);
    });

    it('asks nobody where look-ups are switched off', async () => {
      const quiet = openDestination(top.url, { lookupPartners: false });
      expect(await quiet.send(receipt({ name: '云上医药有限公司' }))).to.include({ kind: 'rejected', reason: 'OWNER_UNKNOWN' });
      expect(top.calls).to.have.length(0);
      await quiet.destination.stop();
    });

    it('is another institution of ours in a transfer', async () => {
      const member = { code: 'H35010200002', name: '卫生院', region: '350102', mah: { entId: 'ENT-MEMBER', refEntId: 'REF-MEMBER' } };
      const hub = openDestination(top.url, { transfers: '203/104' }, { institutions: [HOSPITAL, member] });
      const transfer = report({ kind: 'transfer-out', counterparty: { code: 'H35010200002' } }, { transfers: '203/104' });
      expect((await hub.send(transfer)).kind).to.equal('processing');
      expect(top.callsOf(METHODS.uploadInOut)[0]?.parameters.get('to_user_id')).to.equal('ENT-MEMBER');
      await hub.destination.stop();
    });
  });

  it('refuses locally what the configuration lacks, with the field in the text', async () => {
    const of = report();
    const result = await open.send({ ...of, reported: { ...of.reported, institution: { ...HOSPITAL, mah: { entId: 'ENT-HOSPITAL' } } } });
    expect(result).to.deep.equal({ kind: 'rejected', reason: 'MISSING_FIELD', peerText: '机构 H35010200001 没有配置 mah.refEntId' });
    expect(top.calls).to.have.length(0);
  });

  it('does not open with bill types that a hospital cannot use', () => {
    expect(() => openDestination(top.url, { billTypes: { dispense: '321' } })).to.throw('323');
  });
});
