import { expect } from 'chai';
import { readJsonMembers } from '../../../connectors/shared/china-crypto/json-text.ts';
import { sealedChars } from '../../../connectors/shared/china-crypto/message-seal.ts';
import { nationalCanonicalText, nationalEnvelope } from '../../../connectors/shared/china-crypto/national-envelope.ts';
import { outcomeOfUnopened } from '../../../connectors/shared/china-crypto/opened-reply.ts';
import { openSignedEnvelope, sealSignedReply } from '../../../plugins/sandbox/insurance/crypto-envelope.ts';
import { newSm2Pair } from '../../../plugins/sandbox/insurance/crypto-sm2.ts';
import { bytes, crypto, fromHex, privateKey, STANDARD } from './fixtures.ts';
import { oracle } from './sm-crypto.ts';

const platform = newSm2Pair();
const platformKey = crypto.readPublicKey(platform.publicKey, 'platformKey');
const inputKey = crypto.readSm4Key('sandbox-key-8999', 'inputKey');
const ENVELOPE = {
  infno: '3505', msgid: 'H35010200001202611220931050001', mdtrtarea_admvs: '350102', insuplc_admdvs: '', recer_sys_code: 'YBXT', dev_no: '', dev_safe_info: '', cainfo: '', signtype: '',
  infver: 'V1.0', opter_type: '1', opter: '001', opter_name: '系统', inf_time: '2026-11-22 09:31:05', fixmedins_code: 'H35010200001', fixmedins_name: '示例医院', sign_no: 'S1', app_id: '', enc_type: '',
  input: { selinfo: { fixmedins_bchno: 'K1', drugtracinfo: [{ drug_trac_codg: '89990000000000000001' }] } },
};
/** written by hand from insurance.md section 4(a) */
const CANONICAL = 'fixmedins_code=H35010200001&fixmedins_name=示例医院&inf_time=2026-11-22 09:31:05&infno=3505&infver=V1.0&mdtrtarea_admvs=350102&msgid=H35010200001202611220931050001'
  + '&opter=001&opter_name=系统&opter_type=1&recer_sys_code=YBXT&sign_no=S1&signtype=SM2';
const REPLY = { infcode: 0, inf_refmsgid: '35010220261122093105000000000001', respond_time: '20261122093105123', err_msg: '', output: { result: { retRslt: '1', msgRslt: '' } } };

describe('national envelope', () => {
  it('signs the members but cainfo and input, ascending, empty ones left out', async () => {
    const sealed = await nationalEnvelope({ crypto, privateKey }).seal(ENVELOPE);
    expect(sealed['signtype']).to.equal('SM2');
    expect(sealed['enc_type']).to.equal('');
    expect(sealed['input']).to.deep.equal(ENVELOPE.input);
    const signature = Buffer.from(String(sealed['cainfo']), 'base64');
    expect(signature.length).to.equal(64);
    expect(oracle.sm2.doVerifySignature([...bytes(CANONICAL)], signature.toString('hex'), STANDARD.publicKey)).to.equal(true);
  });

  it('takes empty members as name= where the site says so', () => {
    const members = readJsonMembers('{"b":"","a":null,"C":0,"cainfo":"x","input":{},"_":"1"}') ?? new Map();
    expect(nationalCanonicalText(members)).to.equal('C=0&_=1');
    expect(nationalCanonicalText(members, 'keep')).to.equal('C=0&_=1&a=&b=');
  });

  it('writes the signature in hex and DER where the site says so, and under its user id', async () => {
    const sealed = await nationalEnvelope({ crypto, privateKey, signatureEncoding: 'hex-upper', signatureFormat: 'der', userId: 'H35010200001' }).seal(ENVELOPE);
    const cainfo = String(sealed['cainfo']);
    expect(cainfo).to.match(/^30[0-9A-F]+$/);
    expect(oracle.sm2.doVerifySignature([...bytes(CANONICAL)], cainfo.toLowerCase(), STANDARD.publicKey, { der: true, userId: 'H35010200001' })).to.equal(true);
  });

  it('seals input with SM4 and says so inside the signed text', async () => {
    const sealed = await nationalEnvelope({ crypto, privateKey, inputKey }).seal(ENVELOPE);
    const plain = oracle.sm4.decrypt([...Buffer.from(String(sealed['input']), 'base64')], Buffer.from('sandbox-key-8999').toString('hex'), { output: 'array' });
    expect(JSON.parse(Buffer.from(plain).toString('utf8'))).to.deep.equal(ENVELOPE.input);
    expect(String(sealed['input']).length).to.equal(sealedChars(JSON.stringify(ENVELOPE.input)));
    const text = `enc_type=SM4&${CANONICAL}`;
    expect(oracle.sm2.doVerifySignature([...bytes(text)], Buffer.from(String(sealed['cainfo']), 'base64').toString('hex'), STANDARD.publicKey)).to.equal(true);
  });

  it('seals without signing, and does nothing without any key', async () => {
    const sealed = await nationalEnvelope({ crypto, inputKey }).seal(ENVELOPE);
    expect([sealed['enc_type'], sealed['signtype'], sealed['cainfo'], typeof sealed['input']]).to.deep.equal(['SM4', '', '', 'string']);
    expect(await nationalEnvelope({ crypto }).seal(ENVELOPE)).to.deep.equal(ENVELOPE);
  });

  it('is understood by the platform of the sandbox, which refuses any other member, key and signature', async () => {
    const how = { sign: 'envelope', senderKey: STANDARD.publicKey, sm4Key: 'sandbox-key-8999', sealedOnly: true } as const;
    const sealed = await nationalEnvelope({ crypto, privateKey, inputKey }).seal(ENVELOPE);
    const arrived = JSON.parse(JSON.stringify(sealed)) as Record<string, unknown>;
    expect(openSignedEnvelope(arrived, how)).to.deep.equal({ input: ENVELOPE.input });
    expect(openSignedEnvelope({ ...arrived, opter: '002' }, how)).to.deep.equal({ problem: '验签失败:数字签名与报文不符' });
    expect(openSignedEnvelope(arrived, { ...how, senderKey: platform.publicKey })).to.have.property('problem');
    expect(openSignedEnvelope({ ...arrived, cainfo: '' }, how)).to.have.property('problem');
    expect(openSignedEnvelope({ ...arrived, input: 'AAAA' }, how)).to.deep.equal({ problem: 'input(交易输入)解密失败' });
    expect(openSignedEnvelope({ ...arrived, enc_type: '' }, how)).to.have.property('problem');
  });
});

describe('reply to a national envelope', () => {
  const seal = nationalEnvelope({ crypto, privateKey, platformKey, inputKey });
  const signed = (reply: object = REPLY, sealReplies = true): Record<string, unknown> => ({ ...sealSignedReply(reply as Record<string, unknown>, { sign: 'envelope', platformKey: platform.privateKey, sm4Key: 'sandbox-key-8999', sealReplies }) });

  it('is opened when signature and seal are right, output plain', async () => {
    for (const sealReplies of [true, false]) {
      const opened = await seal.open(JSON.stringify(signed(REPLY, sealReplies)));
      expect(opened).to.have.property('kind', 'opened');
      expect(opened).to.have.property('verified', true);
      expect(opened.kind === 'opened' && opened.members['output']).to.deep.equal(REPLY.output);
    }
  });

  it('is never taken as accepted with a wrong signature: the outcome is unknown', async () => {
    const good = signed();
    const forged = [
      { ...good, infcode: '0 ' }, { ...good, inf_refmsgid: 'X' }, { ...good, err_msg: '已存在' }, { ...good, cainfo: 'AAAA' }, { ...good, cainfo: '不是签名' }, { ...good, cainfo: 17 },
      { ...good, cainfo: Buffer.alloc(64).toString('base64') }, { ...good, extra_member: '1' },
      { ...sealSignedReply(REPLY, { sign: 'envelope', platformKey: newSm2Pair().privateKey }) },
    ];
    for (const reply of forged) {
      const opened = await seal.open(JSON.stringify(reply));
      expect(opened.kind, JSON.stringify(reply).slice(0, 80)).to.equal('unverified');
      expect(opened.kind !== 'opened' && outcomeOfUnopened(opened)).to.deep.equal({ kind: 'unknown', reason: 'BAD_REPLY', peerText: '应答验签失败，可能被改动或平台公钥配置有误' });
    }
  });

  it('without a signature is told apart from one with a wrong signature', async () => {
    expect(await seal.open(JSON.stringify(REPLY))).to.include({ kind: 'unverified', missing: true });
    expect(await seal.open(JSON.stringify({ ...signed(), inf_refmsgid: 'X' }))).to.include({ kind: 'unverified', missing: false });
  });

  it('is verified over the digits the platform wrote, not over what JavaScript makes of them', async () => {
    const text = '{"amount":12.50,"infcode":0,"seq":89990010000000000011234}';
    const signature = oracle.sm2.doSignature([...bytes('amount=12.50&infcode=0&seq=89990010000000000011234')], platform.privateKey);
    const opened = await seal.open(`${text.slice(0, -1)},"cainfo":"${Buffer.from(fromHex(signature)).toString('base64')}"}`);
    expect(opened).to.include({ kind: 'opened', verified: true });
  });

  it('is opened unverified when no key of the platform is configured', async () => {
    expect(await nationalEnvelope({ crypto }).open(JSON.stringify(REPLY))).to.deep.equal({ kind: 'opened', members: REPLY, verified: false });
  });

  it('that does not decrypt is unreadable when it claims success, and left as words when it refuses', async () => {
    const open = nationalEnvelope({ crypto, inputKey });
    expect(await open.open('{"infcode":0,"output":"AAAAAAAAAAAAAAAAAAAAAA=="}')).to.deep.equal({ kind: 'unreadable', why: '应答解密失败，密钥可能有误或内容不完整' });
    expect(await open.open('{"infcode":-1,"err_msg":"x","output":"失败"}')).to.deep.equal({ kind: 'opened', members: { infcode: -1, err_msg: 'x', output: '失败' }, verified: false });
  });

  it('that is no JSON object is unreadable, whatever it is', async () => {
    for (const text of ['', '<html>', '[]', '"x"', '{"infcode":0', '['.repeat(100_000), `{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`]) expect((await seal.open(text)).kind, text.slice(0, 12)).to.equal('unreadable');
  });

  it('keeps output as null, as JSON text or as an empty text for the reader of replies', async () => {
    const open = nationalEnvelope({ crypto });
    const output = async (text: string): Promise<unknown> => {
      const opened = await open.open(`{"infcode":0,"output":${text}}`);
      return opened.kind === 'opened' ? opened.members['output'] : opened;
    };
    expect(await output('null')).to.equal(null);
    expect(await output('""')).to.equal(null);
    expect(await output('"{\\"result\\":{}}"')).to.deep.equal({ result: {} });
    expect(await output('"words"')).to.equal('words');
    expect((await open.open('{"infcode":0}'))).to.deep.equal({ kind: 'opened', members: { infcode: 0 }, verified: false });
  });
});
