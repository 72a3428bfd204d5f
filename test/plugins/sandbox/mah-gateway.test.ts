import { expect } from 'chai';
import { chinaDateTime } from '../../../adapter/domain/china-time.ts';
import { startSandbox, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { signatureOf } from '../../../plugins/sandbox/mah/gateway.ts';
import { callMah, METHOD, signTop, today, useBill, type MahCallOptions, type MahReply } from '../../support/sandbox-requests.ts';

const CODE = '89990010000000011234';

describe('sandbox MAH gateway', () => {
  let sandbox: Sandbox;
  const ask = (options: MahCallOptions = {}, parameters: Record<string, string> = {}): Promise<MahReply> =>
    callMah(sandbox, METHOD.codeDetail, { ref_ent_id: sandbox.mah.refEntId, codes: CODE, ...parameters }, options);
  const errorOf = (reply: MahReply): Record<string, unknown> => reply.body['error_response'] as Record<string, unknown>;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());

  it('computes the signatures of the specification\'s test vectors', () => {
    const parameters = { app_key: '12345678', codes: '81012350000000157474,81012350000000157475', format: 'json', method: METHOD.codeDetail, ref_ent_id: 'E0001', simplify: 'true', timestamp: '2026-01-02 03:04:05', v: '2.0' };
    const expected = { md5: '7DBE6715C4F0BB30F679DB5D7C670A91', hmac: '7B6AE098A7D533925086983824FF12FF', 'hmac-sha256': 'FE285D0E0F85CA0A8B5B277322ED15E415B01AE3B06AD5EE793EAE98AE6014E4' };
    for (const [method, sign] of Object.entries(expected)) {
      const all = { ...parameters, sign_method: method };
      expect(signatureOf(new Map(Object.entries(all)), 'helloworld')).to.equal(sign);
      expect(signTop(all, 'helloworld')).to.equal(sign);
    }
    const chinese = { app_key: '12345678', format: 'json', method: METHOD.entInfoList, query_param: '{"ent_name":"测试医院"}', ref_ent_id: 'E0001', simplify: 'true', timestamp: '2026-01-02 03:04:05', v: '2.0', sign_method: 'hmac-sha256' };
    expect(signatureOf(new Map(Object.entries(chinese)), 'helloworld')).to.equal('363A0522CCB0752C14DF7DF01D53E8729420F0B98A5E014B577118C9637EA501');
  });

  for (const signMethod of ['md5', 'hmac', 'hmac-sha256'] as const) {
    it(`takes calls signed with ${signMethod}, common parameters in the query or in the form`, async () => {
      for (const commonInQuery of [true, false]) expect((await ask({ signMethod, commonInQuery })).body).to.have.nested.property('result.msg_code', 'SUCCESS');
    });
  }

  const failures: readonly [string, MahCallOptions, number, string][] = [
    ['a call without method', { change: { method: undefined } }, 21, 'isv.missing-method'],
    ['an unknown method', { change: { method: 'alibaba.nothing' } }, 22, 'isv.invalid-method'],
    ['a method that is not granted', { change: { method: 'alibaba.alihealth.drug.yljg.saveent' } }, 11, 'isv.permission-api-package-limit'],
    ['a call without signature', { sign: '' }, 24, 'isv.missing-signature'],
    ['a signature with another secret', { secret: 'other' }, 25, 'isv.invalid-signature'],
    ['a signature in lower case', { sign: 'fe285d0e0f85ca0a8b5b277322ed15e415b01ae3b06ad5ee793eae98ae6014e4' }, 25, 'isv.invalid-signature'],
    ['an unknown sign_method', { change: { sign_method: 'sha1' } }, 25, 'isv.invalid-signature'],
    ['a call without app_key', { change: { app_key: undefined } }, 28, 'isv.missing-app-key'],
    ['an unknown app_key', { change: { app_key: '1' } }, 29, 'isv.appkey-not-exists'],
    ['a call without timestamp', { change: { timestamp: undefined } }, 30, 'isv.missing-timestamp'],
    ['a clock eleven minutes off', { change: { timestamp: chinaDateTime(Date.now() - 11 * 60_000) } }, 31, 'isv.invalid-timestamp'],
    ['a timestamp in another form', { change: { timestamp: new Date().toISOString() } }, 31, 'isv.invalid-timestamp'],
    ['a call without version', { change: { v: undefined } }, 32, 'isv.missing-version'],
    ['another version', { change: { v: '1.0' } }, 33, 'isv.invalid-version'],
    ['another format', { change: { format: 'yaml' } }, 23, 'isv.invalid-format'],
    ['a missing required parameter', { change: { codes: undefined } }, 40, 'isv.missing-parameter:codes'],
    ['more codes than the method takes', { change: { codes: Array.from({ length: 1_001 }, () => CODE).join(',') } }, 41, 'isv.invalid-parameter'],
  ];
  for (const [title, options, code, subCode] of failures) {
    it(`answers ${String(code)} to ${title}`, async () => {
      const reply = await ask(options);
      expect(reply.status).to.equal(200);
      if (options.change?.['format'] === 'yaml') {
        expect(reply.text).to.include(`<code>${String(code)}</code>`);
        return;
      }
      expect(errorOf(reply)).to.include({ code, sub_code: subCode });
      expect(errorOf(reply)).to.include.keys('msg', 'sub_msg', 'request_id');
    });
  }

  it('takes a clock nine minutes off', async () => {
    expect((await ask({ change: { timestamp: chinaDateTime(Date.now() + 9 * 60_000) } })).body).to.have.nested.property('result.response_success', true);
  });

  it('refuses GET and bodies of another type', async () => {
    expect(await (await fetch(sandbox.mah.url)).text()).to.include('<code>9</code>');
    expect(await (await fetch(sandbox.mah.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).text()).to.include('<code>43</code>');
    expect((await fetch(`${new URL(sandbox.mah.url).origin}/router/soap`, { method: 'POST' })).status).to.equal(404);
  });

  it('answers XML by default, with the root and the list wrappers of the method', async () => {
    const reply = await ask({ format: '', simplify: false });
    expect(reply.text).to.match(/^<\?xml .*<alibaba_alihealth_drugtrace_top_yljg_query_codedetail_response>/);
    expect(reply.text).to.include('<models><code_full_info_dto><code_status_type_d_t_o><code_status>A</code_status>');
    expect(reply.text).to.include('<response_success>true</response_success>');
    const error = await ask({ format: 'xml', secret: 'other' });
    expect(error.text).to.match(/<error_response><code>25<\/code><msg>Invalid Signature<\/msg><sub_code>isv.invalid-signature<\/sub_code>/);
  });

  it('wraps lists and names the root in JSON unless simplify is on', async () => {
    const wrapped = (await ask({ simplify: false })).body;
    expect(wrapped).to.have.nested.property('alibaba_alihealth_drugtrace_top_yljg_query_codedetail_response.result.models.code_full_info_dto').that.is.an('array');
    const plain = (await ask()).body;
    expect(plain).to.have.nested.property('result.models').that.is.an('array');
    expect(plain).to.have.property('request_id').that.is.a('string');
  });

  it('throttles above the calls a second of an application, bans it for a while and says how long', async () => {
    let now = Date.now();
    const slow = await startSandbox({ now: () => now, mah: { limit: { callsPerSecond: 2, banMs: 2_000 } } });
    try {
      const call = (): Promise<MahReply> => callMah(slow, METHOD.endDate, { ref_ent_id: slow.mah.refEntId, business: '1', service: '11' });
      await call();
      expect((await call()).body).to.have.nested.property('result.end_date', '2099-12-31');
      const banned = await call();
      expect(banned.body).to.have.nested.property('error_response.code', 7);
      expect(banned.body).to.have.nested.property('error_response.msg', 'App Call Limited');
      expect(banned.body).to.have.nested.property('error_response.sub_code', 'accesscontrol.limited-by-app-api-access-count');
      expect(banned.body).to.have.nested.property('error_response.sub_msg', 'This ban will last for 2 more seconds');
      now += 1_500;
      expect((await call()).body).to.have.nested.property('error_response.code', 7);
      now += 600;
      expect((await call()).body).to.have.nested.property('result.success', true);
      expect(slow.notes.mah['throttled']).to.equal(2);
    } finally {
      await slow.stop();
    }
  });

  it('answers code 11 to methods that the application was not granted', async () => {
    const narrow = await startSandbox({ mah: { apps: [{ appKey: 'k', appSecret: 's', methods: ['uploadretail', 'query.billstatus'] }] } });
    try {
      expect((await callMah(narrow, METHOD.codeDetail, { ref_ent_id: narrow.mah.refEntId, codes: CODE })).body).to.have.nested.property('error_response.code', 11);
      expect((await callMah(narrow, METHOD.uploadRetail, useBill(narrow, 'B1', [CODE]))).body).to.include({ response_success: true });
    } finally {
      await narrow.stop();
    }
  });

  it('tells ent_id from ref_ent_id in every place and refuses the wrong kind', async () => {
    const { entId, refEntId } = sandbox.mah;
    expect(entId).not.to.equal(refEntId);
    const wrongCaller = await ask({}, { ref_ent_id: entId });
    expect(wrongCaller.body).to.have.nested.property('result.response_success', false);
    expect((wrongCaller.body['result'] as Record<string, string>)['msg_info']).to.include('应为企业ref_ent_id');
    const wrongOwner = await callMah(sandbox, METHOD.uploadRetail, useBill(sandbox, 'W1', [CODE], { ref_user_id: entId }));
    expect(wrongOwner.body['msg_info']).to.include('ref_user_id应为企业ref_ent_id');
    const wrongSender = await callMah(sandbox, METHOD.uploadRetail, useBill(sandbox, 'W2', [CODE], { from_user_id: refEntId }));
    expect(wrongSender.body['msg_info']).to.include('from_user_id应为企业ent_id');
    const supplier = await ask({}, { ref_ent_id: 'e8999bb0000000000000000000000201' });
    expect((supplier.body['result'] as Record<string, string>)['msg_info']).to.include('未授权');
    const nobody = await ask({}, { ref_ent_id: 'nobody' });
    expect((nobody.body['result'] as Record<string, string>)['msg_info']).to.include('企业不存在');
    expect(sandbox.mahBook.entries).to.have.length(0);
  });

  it('refuses days in another form and in the wrong order', async () => {
    const status = (change: Record<string, string>): Promise<MahReply> => callMah(sandbox, METHOD.billStatus, { ref_ent_id: sandbox.mah.refEntId, begin_date: today(), end_date: today(), bill_type: 'A', page: '1', page_size: '20', ...change });
    expect((await status({})).body).to.have.nested.property('result.model.total_num', 0);
    expect(errorOf(await status({ begin_date: '20261122' }))).to.include({ code: 41 });
    expect(errorOf(await status({ begin_date: '2026-11-22', end_date: '2026-11-21' }))).to.include({ code: 41 });
    expect(errorOf(await status({ page: '0' }))).to.include({ code: 41 });
    expect(errorOf(await status({ page_size: 'x' }))).to.include({ code: 41 });
  });
});
