import { createCipheriv } from 'node:crypto';
import { expect } from 'chai';
import { startSandbox, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { callInsurance, messageId, saleRow, signInNow, INSTITUTION, type InsuranceCall } from '../../support/sandbox-requests.ts';

const CODE = '89990010000000011234';

describe('sandbox insurance platform: what it refuses', () => {
  let sandbox: Sandbox;
  let signNo: string;
  const sale = (change: Record<string, unknown> = {}, call: Partial<InsuranceCall> = {}) =>
    callInsurance(sandbox, { infno: '3505', signNo, input: { selinfo: saleRow('K1', [CODE], change) }, ...call });
  const refused = async (call: Partial<InsuranceCall>, words: string, infcode: unknown = -1): Promise<void> => {
    const reply = await sale({}, call);
    expect(reply.infcode).to.equal(infcode);
    expect(reply.error).to.include(words);
    expect(sandbox.insuranceBook.entries).to.have.length(0);
  };

  before(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(async () => {
    sandbox.reset();
    signNo = await signInNow(sandbox);
  });
  after(() => sandbox.stop());

  it('takes a complete sale and answers with infcode 0 and retRslt 1 one level down', async () => {
    const reply = await sale();
    expect(reply.status).to.equal(200);
    expect(reply.infcode).to.equal(0);
    expect(reply.output).to.deep.equal({ result: { retRslt: '1', msgRslt: '' } });
    expect(reply.body['inf_refmsgid']).to.match(/^350102\d{24}$/);
    expect(reply.body['respond_time']).to.match(/^\d{17}$/);
    expect(sandbox.insuranceBook.entries).to.have.length(1);
  });

  describe('gateway headers', () => {
    for (const name of ['x-tif-paasid', 'x-tif-timestamp', 'x-tif-nonce', 'x-tif-signature']) {
      it(`refuses a call without ${name}`, () => refused({ headers: { [name]: undefined } }, name));
    }
    it('refuses an unknown account', () => refused({ headers: { 'x-tif-paasid': 'nobody' } }, 'x-tif-paasid'));
    it('refuses a signature made with another digest', () => refused({ digest: 'sm3' }, '验签失败'));
    it('refuses an upper-case signature', () => refused({ headers: { 'x-tif-signature': 'A'.repeat(64) } }, '验签失败'));
    it('answers 9000 when the clock is more than five minutes off', () => refused({ timestamp: Math.floor(Date.now() / 1_000) - 301 }, '签名超时', 9000));
    it('takes a clock that is four minutes off', async () => {
      expect((await sale({}, { timestamp: Math.floor(Date.now() / 1_000) + 240 })).infcode).to.equal(0);
    });
    it('refuses milliseconds for seconds', () => refused({ timestamp: Date.now() }, '秒级'));
    it('answers 405, 415 and 404 for a wrong verb, content type and address', async () => {
      expect((await fetch(`${sandbox.insurance.url}/fsi/api/goodsService/3505`)).status).to.equal(405);
      expect((await sale({}, { headers: { 'content-type': 'text/plain' } })).status).to.equal(415);
      expect((await sale({}, { headers: { 'content-type': 'application/json;charset=GBK' } })).status).to.equal(415);
      expect((await sale({}, { path: '/fsi/api/goodsService/goodsSold' })).status).to.equal(404);
      expect((await sale({}, { path: '/fsi/api/goodsService/9001' })).status).to.equal(404);
    });
  });

  it('refuses a nonce that was used before', async () => {
    const headers = { 'x-tif-nonce': 'n-1', 'x-tif-timestamp': '', 'x-tif-signature': '' };
    const { createHash } = await import('node:crypto');
    const timestamp = String(Math.floor(Date.now() / 1_000));
    headers['x-tif-timestamp'] = timestamp;
    headers['x-tif-signature'] = createHash('sha256').update(`${timestamp}${sandbox.insurance.paasToken}n-1${timestamp}`).digest('hex');
    expect((await sale({}, { headers })).infcode).to.equal(0);
    const second = await callInsurance(sandbox, { infno: '3505', signNo, input: { selinfo: saleRow('K2', []) }, headers });
    expect(second.error).to.include('nonce重复');
    expect(sandbox.notes.insurance['replayedNonces']).to.equal(1);
  });

  describe('envelope', () => {
    for (const name of ['msgid', 'mdtrtarea_admvs', 'recer_sys_code', 'infver', 'opter_type', 'opter', 'opter_name', 'inf_time', 'fixmedins_code', 'fixmedins_name', 'input']) {
      it(`refuses a message without ${name}`, () => refused({ envelope: { [name]: undefined } }, name));
    }
    it('refuses members that are too long, of the wrong type or outside their code list', async () => {
      await refused({ envelope: { opter: 'x'.repeat(31) } }, 'opter');
      await refused({ envelope: { opter_type: 1 } }, '应为字符串');
      await refused({ envelope: { opter_type: '9' } }, '码表');
      await refused({ envelope: { infver: 'V2.0' } }, 'infver');
      await refused({ envelope: { inf_time: '2026-02-30 10:00:00' } }, 'inf_time');
      await refused({ envelope: { mdtrtarea_admvs: '3501' } }, '6位');
      await refused({ envelope: { fixmedins_code: 'H3501020000' } }, 'H3501020000');
    });
    it('refuses a msgid that is not institution code, time and four digits', async () => {
      await refused({ envelope: { msgid: messageId('H99999999999') } }, '机构编号开头');
      await refused({ envelope: { msgid: `${INSTITUTION}202613220931050001` } }, '14位时间');
      await refused({ envelope: { msgid: messageId().slice(0, -1) } }, '4位序号');
    });
    it('refuses a msgid that was used before, whatever became of its message, and counts it', async () => {
      const msgid = messageId();
      await refused({ envelope: { msgid, infver: 'V1.0' }, input: { wrong: {} } }, '缺少输入节点');
      await refused({ envelope: { msgid } }, 'msgid(发送方报文ID)重复');
      expect(sandbox.notes.insurance['repeatedMessageIds']).to.equal(1);
    });
    it('refuses an infno that is not what the path means', () => refused({ path: '/fsi/api/goodsService/goodsSellReturn' }, '不一致'));
    it('refuses a transaction it does not know', () => refused({ path: '/fsi/api/callService', envelope: { infno: '2207' } }, '2207'));
    it('takes the seen names, the numbers and the addresses for all transactions', async () => {
      for (const path of ['/fsi/api/goodsService/goodsSell', '/fsi/api/goodsService/3505', '/fsi/api/callService', '/mbs/fmi/fsi/api/callFsiService/callService']) {
        const reply = await callInsurance(sandbox, { infno: '3505', signNo, path, input: { selinfo: saleRow(`P${String(path.length)}`, []) } });
        expect(reply.infcode, path).to.equal(0);
      }
    });
    it('refuses an input of more than 40,000 characters', () => refused({ input: { selinfo: saleRow('K1', [CODE], { memo: 'x'.repeat(40_000) }) } }, '超过40000'));
    it('refuses a body that is no UTF-8 or no JSON', async () => {
      await refused({ body: Buffer.from([0x7b, 0x22, 0xd6, 0xd0, 0x22, 0x3a, 0x31, 0x7d]) }, 'UTF-8');
      await refused({ body: '{"infno":' }, 'JSON');
    });
    it('demands the insured area as soon as the input holds a person number', async () => {
      await refused({ envelope: { insuplc_admdvs: '' }, input: { selinfo: saleRow('K1', [CODE], { psn_no: '35000001' }) } }, 'insuplc_admdvs');
      expect((await sale({}, { envelope: { insuplc_admdvs: '' } })).infcode).to.equal(0);
    });
  });

  describe('input node', () => {
    it('refuses a list under a single-row transaction and one object under a batch', async () => {
      await refused({ input: { selinfo: [saleRow('K1', [CODE])] } }, '单行对象');
      const batch = await callInsurance(sandbox, { infno: '3505A', signNo, input: { selinfoDetail: saleRow('K1', [CODE]) } });
      expect(batch.error).to.include('多行数组');
      const empty = await callInsurance(sandbox, { infno: '3505A', signNo, input: { selinfoDetail: [] } });
      expect(empty.error).to.include('不能为空');
    });
    it('refuses the body of another transaction', () => refused({ input: { goodDetail: [{ fixmedins_bchno: 'K1', inv_data_type: '4' }] } }, 'selinfo'));
  });

  describe('fields', () => {
    const cases: readonly [string, Record<string, unknown>, string][] = [
      ['a missing required field', { fixmedins_hilist_id: undefined }, 'fixmedins_hilist_id'],
      ['an empty required field', { mdtrt_sn: '' }, 'mdtrt_sn'],
      ['a field under its upper-case name', { mdtrt_setl_type: undefined, MDTRT_SETL_TYPE: '2' }, 'mdtrt_setl_type'],
      ['a key of 31 characters', { fixmedins_bchno: 'K'.repeat(31) }, '长度超过30'],
      ['a number where text belongs', { mdtrt_sn: 12 }, '应为字符串'],
      ['a value outside its code list', { trdn_flag: '2' }, '码表'],
      ['a date in another form', { manu_date: '20260102' }, 'yyyy-MM-dd'],
      ['a day that does not exist', { expy_end: '2026-02-30' }, 'expy_end'],
      ['a time without its space', { sel_retn_time: '2026-11-2209:31:05' }, 'sel_retn_time'],
      ['a quantity that is no number', { sel_retn_cnt: '1盒' }, '应为数值'],
      ['a quantity with five decimals', { sel_retn_cnt: '0.33333' }, '小数位超过4'],
      ['a quantity with an exponent', { sel_retn_cnt: '1e3' }, '应为数值'],
      ['a negative quantity', { sel_retn_cnt: '-1' }, '不能为负数'],
      ['a quantity of nought', { sel_retn_cnt: '0' }, '不能为0'],
      ['an insured sale without settlement id', { mdtrt_setl_type: '1', setl_id: '' }, 'setl_id'],
      ['codes as one object', { drugtracinfo: { drug_trac_codg: CODE } }, '应为数组'],
      ['codes as text', { drugtracinfo: CODE }, '应为数组'],
      ['codes as bare texts', { drugtracinfo: [CODE] }, 'drug_trac_codg'],
      ['a code under a misspelt name', { drugtracinfo: [{ drug_trac_code: CODE }] }, 'drug_trac_codg'],
      ['a code as number', { drugtracinfo: [{ drug_trac_codg: 8999 }] }, 'drug_trac_codg'],
      ['a code twice in a row', { drugtracinfo: [{ drug_trac_codg: CODE }, { drug_trac_codg: CODE }] }, '追溯码重复'],
    ];
    for (const [title, change, words] of cases) {
      it(`refuses ${title}`, async () => {
        const reply = await sale(change);
        expect(reply.infcode).to.equal(-1);
        expect(reply.error).to.include(words);
        expect(sandbox.insuranceBook.entries).to.have.length(0);
      });
    }
    it('tolerates and counts fields that no table knows', async () => {
      expect((await sale({ spec: '24粒' })).infcode).to.equal(0);
      expect(sandbox.notes.insurance['unknown field 3505 spec']).to.equal(1);
    });
    it('takes an insured sale with its settlement id, and numbers as JSON numbers', async () => {
      expect((await sale({ mdtrt_setl_type: '1', setl_id: 'S1', sel_retn_cnt: 0.25, trdn_flag: '1' })).infcode).to.equal(0);
    });
  });

  describe('sign-in', () => {
    it('refuses a transaction without sign-in number, with an unknown one, or with another operator\'s', async () => {
      await refused({ signNo: '' }, '未签到');
      await refused({ signNo: '20261122000000' }, '签到流水号不存在');
      await refused({ signNo: await signInNow(sandbox, '002') }, '不属于');
    });
    it('refuses a number after 9002', async () => {
      const out = await callInsurance(sandbox, { infno: '9002', signNo, input: { signOut: { sign_no: signNo, opter_no: '001' } } });
      expect(out.output).to.have.nested.property('signoutoutb.sign_time');
      await refused({}, '已签退');
    });
    it('refuses a 9001 without ip, or for another operator than the message names', async () => {
      const noIp = await callInsurance(sandbox, { infno: '9001', input: { signIn: { opter_no: '001' } } });
      expect(noIp.error).to.include('ip');
      const other = await callInsurance(sandbox, { infno: '9001', input: { signIn: { opter_no: '009', ip: '127.0.0.1' } } });
      expect(other.error).to.include('opter');
    });
  });

  it('ends a sign-in at midnight in China', async () => {
    let now = Date.parse('2026-11-22T23:50:00+08:00');
    const night = await startSandbox({ now: () => now });
    try {
      const seconds = (): number => Math.floor(now / 1_000);
      const signed = await callInsurance(night, { infno: '9001', timestamp: seconds(), input: { signIn: { opter_no: '001', ip: '127.0.0.1' } } });
      const number = String((signed.output['signinoutb'] as Record<string, unknown>)['sign_no']);
      expect((await callInsurance(night, { infno: '3505', signNo: number, timestamp: seconds(), input: { selinfo: saleRow('K1', [CODE]) } })).infcode).to.equal(0);
      now += 15 * 60_000;
      const late = await callInsurance(night, { infno: '3505', signNo: number, timestamp: seconds(), input: { selinfo: saleRow('K2', []) } });
      expect(late.error).to.include('签到已过期');
    } finally {
      await night.stop();
    }
  });

  it('can be set: SM3 headers, no sign-in, one sign-in a day, listed institutions, regional fields, sealed input', async () => {
    const key = '0123456789abcdeffedcba9876543210';
    const strict = await startSandbox({
      insurance: {
        digest: 'sm3', signInOnceADay: true, signIn: false, sm4Key: key, requireAlso: { 3505: ['med_list_codg'] },
        accounts: [{ paasId: 'a', paasToken: 't', institutions: [{ code: INSTITUTION, name: '示范医院', region: '350102' }] }],
      },
    });
    try {
      const call = (change: Partial<InsuranceCall>) => callInsurance(strict, { infno: '3505', digest: 'sm3', input: { selinfo: saleRow('K1', [CODE]) }, ...change });
      expect((await call({})).infcode).to.equal(0);
      expect((await call({ digest: 'sha256' })).error).to.include('验签失败');
      expect((await call({ envelope: { fixmedins_code: 'H35010200002', msgid: messageId('H35010200002') } })).error).to.include('未授权');
      expect((await call({ envelope: { fixmedins_name: '别的医院' } })).error).to.include('fixmedins_name');
      expect((await call({ input: { selinfo: saleRow('K2', [], { med_list_codg: '' }) } })).error).to.include('med_list_codg');
      const cipher = createCipheriv('sm4-ecb', Buffer.from(key, 'hex'), null);
      const sealed = Buffer.concat([cipher.update(JSON.stringify({ selinfo: saleRow('K3', []) }), 'utf8'), cipher.final()]).toString('base64');
      expect((await call({ input: sealed, envelope: { enc_type: 'SM4' } })).infcode).to.equal(0);
      expect((await call({ input: sealed.slice(4), envelope: { enc_type: 'SM4' } })).error).to.include('解密失败');
      expect((await call({ input: sealed })).error).to.include('应为对象');
      const signIn = { infno: '9001', input: { signIn: { opter_no: '001', ip: '127.0.0.1' } } };
      expect((await call(signIn)).infcode).to.equal(0);
      expect((await call(signIn)).error).to.include('重复签到');
    } finally {
      await strict.stop();
    }
  });
});
