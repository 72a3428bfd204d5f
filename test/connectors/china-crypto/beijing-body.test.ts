import { expect } from 'chai';
import { openBeijingReply, sealBeijingBody } from '../../../connectors/shared/china-crypto/beijing-body.ts';
import { openBeijingRequest, sealBeijingReply, type BeijingRequest } from '../../../plugins/sandbox/insurance/crypto-beijing.ts';
import { crypto } from './fixtures.ts';
import { oracle } from './sm-crypto.ts';

const KEY = 'sandbox-key-8999';
const options = { crypto, key: crypto.readSm4Key(KEY, 'key') };
const MESSAGE = { hospitalCode: 'H11010800001', messageNo: 'M0001', messageType: '0205', body: { drugtracinfo: [{ drug_trac_codg: '89990000000000000001' }] } };
const taken = (members: Readonly<Record<string, unknown>>): BeijingRequest => {
  const request = openBeijingRequest(members, KEY);
  if ('problem' in request) throw new Error(request.problem);
  return request;
};

describe('Beijing body', () => {
  it('seals number, type and business JSON run together', async () => {
    const wire = await sealBeijingBody(MESSAGE, options);
    expect(Object.keys(wire)).to.deep.equal(['INF_VER', 'HOSP_CODE', 'MSG_NO', 'MSG_TYPE', 'IN_DATA']);
    expect([wire['INF_VER'], wire['MSG_TYPE']]).to.deep.equal(['V1.0', '0205']);
    const plain = oracle.sm4.decrypt([...Buffer.from(wire['IN_DATA'] ?? '', 'base64')], Buffer.from(KEY).toString('hex'), { output: 'array' });
    expect(Buffer.from(plain).toString()).to.equal('M00010205{"drugtracinfo":[{"drug_trac_codg":"89990000000000000001"}]}');
  });

  it('is understood by the platform of the sandbox, which refuses a body moved under another number', async () => {
    const wire = await sealBeijingBody(MESSAGE, options);
    expect(taken(wire).body).to.deep.equal(MESSAGE.body);
    expect(openBeijingRequest({ ...wire, MSG_NO: 'M0002' }, KEY)).to.deep.equal({ problem: 'IN_DATA与MSG_NO、MSG_TYPE不符' });
    expect(openBeijingRequest({ ...wire, IN_DATA: 'AAAA' }, KEY)).to.deep.equal({ problem: 'IN_DATA解密失败' });
  });

  it('opens a sealed, an inline and a textual reply', async () => {
    const request = taken(await sealBeijingBody(MESSAGE, options));
    const data = { retRslt: '1' };
    for (const wire of [sealBeijingReply({ CODE: '0', OUT_DATA: data }, request, KEY), { CODE: '0', OUT_DATA: data }, { CODE: '0', OUT_DATA: JSON.stringify(data) }]) {
      const opened = await openBeijingReply(JSON.stringify(wire), MESSAGE, options);
      expect(opened).to.include({ kind: 'opened', verified: false });
      expect(opened.kind === 'opened' && opened.members['OUT_DATA']).to.deep.equal(data);
    }
    expect(await openBeijingReply('{"CODE":"1","MSG":"x"}', MESSAGE, options)).to.deep.equal({ kind: 'opened', members: { CODE: '1', MSG: 'x' }, verified: false });
  });

  it('takes no reply to another message, none that does not decrypt, and no page', async () => {
    const other = taken(await sealBeijingBody({ ...MESSAGE, messageNo: 'M0002' }, options));
    for (const text of [JSON.stringify(sealBeijingReply({ OUT_DATA: {} }, other, KEY)), '{"OUT_DATA":"AAAA"}', '<html>', JSON.stringify({ MSG_NO: 'M0002', OUT_DATA: '{}' })])
      expect((await openBeijingReply(text, MESSAGE, options)).kind, text).to.equal('unreadable');
  });
});
