import { expect } from 'chai';
import { jilinInput } from '../../../connectors/shared/china-crypto/jilin-input.ts';
import { openSignedEnvelope, sealSignedReply } from '../../../plugins/sandbox/insurance/crypto-envelope.ts';
import { newSm2Pair } from '../../../plugins/sandbox/insurance/crypto-sm2.ts';
import { bytes, crypto, fromHex, privateKey, STANDARD } from './fixtures.ts';
import { oracle } from './sm-crypto.ts';

const CLIENT_ID = 'sandbox-cli-8999';
const inputKey = crypto.readSm4Key(CLIENT_ID, 'clientId');
const platform = newSm2Pair();
const ENVELOPE = { infno: '3506', cainfo: '', signtype: '', enc_type: '', input: { selinfo: { fixmedins_bchno: 'K1', sel_retn_cnt: '1', drugtracinfo: [{ drug_trac_codg: '89990000000000000001' }] } } };
const PLAIN = '{"selinfo":{"fixmedins_bchno":"K1","sel_retn_cnt":"1","drugtracinfo":[{"drug_trac_codg":"89990000000000000001"}]}}';

describe('Jilin input', () => {
  const seal = jilinInput({ crypto, privateKey, inputKey, platformKey: crypto.readPublicKey(platform.publicKey, 'platformKey') });

  it('signs the plain JSON of input and seals the same bytes', async () => {
    const sealed = await seal.seal(ENVELOPE);
    expect([sealed['signtype'], sealed['enc_type']]).to.deep.equal(['SM2', 'SM4']);
    const signature = Buffer.from(String(sealed['cainfo']), 'base64');
    expect(signature.length).to.equal(64);
    expect(oracle.sm2.doVerifySignature([...bytes(PLAIN)], signature.toString('hex'), STANDARD.publicKey)).to.equal(true);
    expect(Buffer.from(oracle.sm4.decrypt([...Buffer.from(String(sealed['input']), 'base64')], Buffer.from(CLIENT_ID).toString('hex'), { output: 'array' })).toString()).to.equal(PLAIN);
  });

  it('makes the sealed text computed by hand for a fixed input', async () => {
    // SM4/ECB/PKCS#7 of "{}" by the second implementation
    const expected = Buffer.from(oracle.sm4.encrypt([...bytes('{}')], Buffer.from(CLIENT_ID).toString('hex'), { output: 'array' })).toString('base64');
    expect((await seal.seal({ ...ENVELOPE, input: {} }))['input']).to.equal(expected);
  });

  it('is understood by the platform of the sandbox, which refuses a changed input', async () => {
    const how = { sign: 'input', senderKey: STANDARD.publicKey, sm4Key: CLIENT_ID, sealedOnly: true } as const;
    const sealed = await seal.seal(ENVELOPE);
    expect(openSignedEnvelope(sealed, how)).to.deep.equal({ input: ENVELOPE.input });
    const other = await seal.seal({ ...ENVELOPE, input: { selinfo: {} } });
    expect(openSignedEnvelope({ ...sealed, input: other['input'] }, how)).to.deep.equal({ problem: '验签失败:数字签名与报文不符' });
  });

  it('opens replies sealed and plain, and takes none whose output was changed', async () => {
    const reply = { infcode: '0', output: { result: { retRslt: '1', msgRslt: '' } } };
    for (const sealReplies of [true, false]) {
      const wire = sealSignedReply(reply, { sign: 'input', platformKey: platform.privateKey, sm4Key: CLIENT_ID, sealReplies });
      const opened = await seal.open(JSON.stringify(wire));
      expect(opened).to.include({ kind: 'opened', verified: true });
      expect(opened.kind === 'opened' && opened.members['output']).to.deep.equal(reply.output);
      const changed = { ...wire, output: { result: { retRslt: '1', msgRslt: 'x' } } };
      expect(await seal.open(JSON.stringify(changed))).to.include({ kind: 'unverified', missing: false });
    }
  });

  it('verifies an inline output over its text as the platform wrote it', async () => {
    const output = '{"cnt":2.00,"9":1,"1":"a"}';
    const cainfo = Buffer.from(fromHex(oracle.sm2.doSignature([...bytes(output)], platform.privateKey))).toString('base64');
    expect(await seal.open(`{"infcode":0,"output":${output},"cainfo":"${cainfo}"}`)).to.include({ kind: 'opened', verified: true });
    expect(await seal.open(`{"infcode":0,"output":${output.replace('2.00', '2.0')},"cainfo":"${cainfo}"}`)).to.include({ kind: 'unverified' });
  });
});
