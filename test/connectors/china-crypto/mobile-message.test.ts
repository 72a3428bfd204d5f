import { expect } from 'chai';
import { readJsonMembers } from '../../../connectors/shared/china-crypto/json-text.ts';
import { mobileCanonicalText } from '../../../connectors/shared/china-crypto/mobile-canonical-text.ts';
import { mobileMessage } from '../../../connectors/shared/china-crypto/mobile-message.ts';
import { openMobileRequest, sealMobileReply } from '../../../plugins/sandbox/insurance/crypto-mobile.ts';
import { newSm2Pair } from '../../../plugins/sandbox/insurance/crypto-sm2.ts';
import { bytes, crypto, fromHex, privateKey, STANDARD, thrown } from './fixtures.ts';
import { oracle } from './sm-crypto.ts';

const platform = newSm2Pair();
const channel = { appId: 'SANDBOX8999APPID0001', appSecret: 'sandbox-secret-8999', senderKey: STANDARD.publicKey, platformKey: platform.privateKey };
const message = mobileMessage({ crypto, appId: channel.appId, appSecret: channel.appSecret, privateKey, platformKey: crypto.readPublicKey(platform.publicKey, 'platformKey') });
const text = (json: string): string => mobileCanonicalText(readJsonMembers(json) ?? new Map(), 'K');

describe('signed text of the mobile family', () => {
  // each line worked out by hand from insurance.md section 4(c) 1-4
  const VECTORS: readonly (readonly [string, string, string])[] = [
    ['sorts items without regard to case', '{"b":"1","A":"2","C":"3","a1":"4"}', 'a1=4&A=2&b=1&C=3&key=K'],
    ['leaves out signData, encData and extra', '{"signData":"x","encData":"y","extra":"z","a":"1"}', 'a=1&key=K'],
    ['leaves out null, empty texts and empty lists', '{"a":null,"b":"","c":[],"d":[null,""],"e":"1"}', 'e=1&key=K'],
    ['keeps an object that becomes empty', '{"a":{"b":""}}', 'a={}&key=K'],
    ['writes objects as compact JSON, names sorted by code, every leaf as text', '{"data":{"b":1,"a":true,"B":"x","n":null,"l":[2,{"z":1.50,"y":""}]}}', 'data={"B":"x","a":"true","b":"1","l":["2",{"z":"1.50"}]}&key=K'],
    ['writes other scalars as they are', '{"timestamp":1763776265000,"ok":false,"d":1.10}', 'd=1.10&ok=false&timestamp=1763776265000&key=K'],
    ['counts blanks and the word null as empty', '{"a":"  ","b":"null","c":"0"}', 'c=0&key=K'],
    ['takes the text of a member as it is', '{"a":"{\\"y\\":1,\\"x\\":2}"}', 'a={"y":1,"x":2}&key=K'],
    ['signs the key alone when there is nothing else', '{}', 'key=K'],
  ];
  for (const [promise, json, expected] of VECTORS) it(promise, () => { expect(text(json)).to.equal(expected); });
});

describe('message of the mobile family', () => {
  const request = { transType: 'ec.query', timestamp: 1_763_776_265_000, data: { idNo: '', n: 12, list: [], rows: [{ b: 'x', a: '' }], name: '测试' } };
  const SIGNED = 'appId=SANDBOX8999APPID0001&data={"n":"12","name":"测试","rows":[{"b":"x"}]}&encType=SM4&signType=SM2&timestamp=1763776265000&transType=ec.query&version=1.0.0&key=sandbox-secret-8999';

  it('goes out with data replaced by encData and signData', async () => {
    const wire = await message.seal(request);
    expect(Object.keys(wire).sort()).to.deep.equal(['appId', 'encData', 'encType', 'signData', 'signType', 'timestamp', 'transType', 'version']);
    expect(wire['encData']).to.match(/^[0-9A-F]+$/);
    expect(oracle.sm2.doVerifySignature([...bytes(SIGNED)], Buffer.from(String(wire['signData']), 'base64').toString('hex'), STANDARD.publicKey)).to.equal(true);
  });

  it('seals data under the key derived from appId and appSecret', async () => {
    const hex = (value: string): string => Buffer.from(value).toString('hex');
    const outer = Buffer.from(oracle.sm4.encrypt([...bytes(channel.appSecret)], hex(channel.appId.slice(0, 16)), { output: 'array' })).toString('hex').toUpperCase();
    const wire = await message.seal(request);
    const plain = oracle.sm4.decrypt([...fromHex(String(wire['encData']))], hex(outer.slice(0, 16)), { output: 'array' });
    expect(JSON.parse(Buffer.from(plain).toString())).to.deep.equal(request.data);
  });

  it('is understood by the platform of the sandbox, which refuses a changed member', async () => {
    const wire = await message.seal(request);
    expect(openMobileRequest(wire, channel)).to.deep.equal({ data: request.data });
    expect(openMobileRequest({ ...wire, transType: 'other' }, channel)).to.deep.equal({ problem: '验签失败' });
    expect(openMobileRequest({ ...wire, encData: 'AA' }, channel)).to.deep.equal({ problem: 'encData解密失败' });
  });

  it('opens a good reply and hands its data out', async () => {
    const wire = sealMobileReply({ code: 0, message: '成功', appId: channel.appId, timestamp: 1, data: { rxNo: 'R1', amount: 1.5, empty: '' } }, channel);
    const opened = await message.open(JSON.stringify(wire));
    expect(opened).to.include({ kind: 'opened', verified: true });
    expect(opened.kind === 'opened' && opened.members['data']).to.deep.equal({ rxNo: 'R1', amount: 1.5, empty: '' });
  });

  it('never opens a reply with a wrong, a missing or somebody else\'s signature', async () => {
    const reply = { code: '0', data: { rxNo: 'R1' } };
    const wire = sealMobileReply(reply, channel);
    const forged = [
      [{ ...wire, message: 'x' }, false], [{ ...wire, signData: 'AAAA' }, false], [{ ...wire, signData: '' }, true], [{ ...wire, signData: undefined }, true],
      [sealMobileReply(reply, { ...channel, platformKey: newSm2Pair().privateKey }), false],
      [{ ...wire, encData: sealMobileReply({ data: { rxNo: 'R2' } }, channel)['encData'] }, false],
    ] as const;
    for (const [each, missing] of forged) expect(await message.open(JSON.stringify(each))).to.include({ kind: 'unverified', missing });
  });

  it('takes a code other than 0 as a refusal with its text', async () => {
    expect(await message.open('{"code":"-1","message":"验签失败"}')).to.deep.equal({ kind: 'refused', code: '-1', text: '验签失败' });
    expect(await message.open('{"code":500,"error":"x"}')).to.deep.equal({ kind: 'refused', code: '500', text: 'x' });
  });

  it('calls unreadable what has no code, does not decrypt or is no JSON', async () => {
    for (const body of ['{}', '{"code":"0"}', '{"code":"0","encData":"ABCD"}', '{"code":"0","encData":"不是"}', '<html>', '[]', ''])
      expect((await message.open(body)).kind, body).to.equal('unreadable');
  });

  it('refuses an appId too short to make a key of', () => {
    expect(thrown(() => mobileMessage({ crypto, appId: 'short', appSecret: 'x', privateKey }))).to.contain('appId');
  });
});
