import { expect } from 'chai';
import { charsetName, decodeMessage, decodeStored, encodeText } from '../../../connectors/his-hl7v2/codec/charset.ts';
import type { CharsetSetting } from '../../../connectors/his-hl7v2/settings.ts';
import { encode, rdsText, trickyHanzi } from '../../support/hl7-text.ts';

const tail = (declared: string): string => `||||||${declared}`;
const decode = (bytes: Uint8Array, configured: CharsetSetting = 'auto'): string => {
  const decoded = decodeMessage(bytes, configured);
  return decoded.kind === 'text' ? `${decoded.charset}: ${decoded.text}` : `unreadable: ${decoded.declared}`;
};

describe('HL7 charset', () => {
  for (const [declared, charset] of [
    ['UNICODE UTF-8', 'utf-8'], ['UTF-8', 'utf-8'], ['utf8', 'utf-8'], ['GB 18030-2000', 'gb18030'], ['GB18030', 'gb18030'], ['GBK', 'gbk'], ['GB2312', 'gbk'], ['gb2312-80', 'gbk'], ['CP936', 'gbk'],
  ] as const) {
    it(`reads MSH-18 ${declared}`, () => {
      const text = rdsText({ id: '1', tail: tail(declared), name: '欧阳东' });
      expect(decode(encode(text, charset))).to.equal(`${charset}: ${text}`);
    });
  }

  for (const declared of ['', '8859/1', 'ASCII', 'ISO-8859-1', 'whatever', '""']) {
    it(`recognises UTF-8 and GBK when MSH-18 is ${declared === '' ? 'empty' : declared}`, () => {
      const text = rdsText({ id: '1', tail: tail(declared), name: '欧阳东' });
      expect(decode(encode(text, 'utf-8'))).to.equal(`utf-8: ${text}`);
      expect(decode(encode(text, 'gbk'))).to.equal(`gb18030: ${text}`);
    });
  }

  it('decodes before it looks for MSH-18: hanzi ending in | ^ ~ \\ @ before it do not shift the fields', () => {
    const tricky = trickyHanzi();
    expect(tricky.length).to.be.greaterThan(60);
    for (let i = 0; i < tricky.length; i += 4) {
      const text = rdsText({ id: '1', tail: tail('GBK'), facility: tricky.slice(i, i + 4).join(''), name: tricky.slice(i, i + 4).join('') });
      expect(decode(encode(text, 'gbk'))).to.equal(`gbk: ${text}`);
    }
  });

  it('reads GB18030 characters of four bytes', () => {
    const text = rdsText({ id: '1', tail: tail('GB 18030-2000'), name: '㛃𠮷䶮' });
    expect(decode(encode(text, 'gb18030'))).to.equal(`gb18030: ${text}`);
  });

  it('tries what fits when the declared charset does not', () => {
    const utf = rdsText({ id: '1', tail: tail('GBK') });
    expect(decode(encode(utf, 'utf-8'))).to.equal(`utf-8: ${utf}`);
    const gbk = rdsText({ id: '1', tail: tail('UNICODE UTF-8') });
    expect(decode(encode(gbk, 'gbk'))).to.equal(`gb18030: ${gbk}`);
  });

  it('believes MSH-18 GBK for a few hanzi that would also be valid UTF-8', () => {
    const text = 'MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5||||||GBK\rNTE|1||小\r';
    expect(decode(encode(text, 'gbk'))).to.equal(`gbk: ${text}`);
  });

  it('recognises a few hanzi in GBK that would also be valid UTF-8 in another alphabet', () => {
    const text = 'MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5\rNTE|1||小\r';
    expect(decode(encode(text, 'gbk'))).to.equal(`gb18030: ${text}`);
    const greek = 'MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5\rNTE|1||β-50µg ±1°\r';
    expect(decode(encode(greek, 'utf-8'))).to.equal(`utf-8: ${greek}`);
  });

  it('refuses UTF-8 with a cut character instead of reading wrong characters', () => {
    const bytes = encode(rdsText({ id: '1', name: '张三丰' }), 'utf-8');
    const at = bytes.indexOf('丰', 0, 'utf8');
    const cut = Buffer.concat([bytes.subarray(0, at + 2), bytes.subarray(at + 3)]);
    expect(decode(cut)).to.match(/^unreadable/);
    expect(decode(cut, 'utf-8')).to.match(/^unreadable/);
  });

  it('refuses bytes that fit nothing', () => {
    expect(decode(Buffer.concat([Buffer.from('MSH|^~\\&|A\r'), Buffer.of(0xff, 0xff, 0x30)]))).to.match(/^unreadable/);
  });

  it('reads Latin letters where 8859/1 is declared and nothing else fits', () => {
    const bytes = Buffer.from('MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5||||||8859/1\rPID|1||||Müller\xff\r', 'latin1');
    expect(decode(bytes)).to.match(/^iso-8859-1: .*Müllerÿ/s);
  });

  it('obeys the configured charset over MSH-18, and tries what fits when it is wrong', () => {
    const text = 'MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5||||||8859/1\rNTE|1||小\r';
    expect(decode(encode(text, 'gbk'), 'gbk')).to.equal(`gbk: ${text}`);
    const chinese = rdsText({ id: '1', tail: tail('8859/1') });
    expect(decode(encode(chinese, 'utf-8'), 'gbk')).to.equal(`utf-8: ${chinese}`);
  });

  it('decodes a stored record by the charset that was decided', () => {
    const text = 'MSH|^~\\&|A|B\rNTE|1||小\r';
    expect(decodeStored(encode(text, 'gbk'), 'gbk', 'auto')).to.deep.equal({ kind: 'text', charset: 'gbk', text });
    expect(decodeStored(encode(rdsText({ id: '1' }), 'gbk'), 'unknown', 'auto')).to.deep.include({ kind: 'text', charset: 'gb18030' });
  });

  it('writes the answer in the charset of the message and names it truly in MSH-18', () => {
    for (const charset of ['utf-8', 'gbk', 'gb18030'] as const) expect(encodeText('药品', charset)).to.deep.equal(encode('药品', charset));
    expect(charsetName('UTF-8', 'utf-8')).to.equal('UTF-8');
    expect(charsetName('GB2312', 'gbk')).to.equal('GB2312');
    expect(charsetName('GBK', 'utf-8')).to.equal('UNICODE UTF-8');
    expect(charsetName('8859/1', 'gb18030')).to.equal('GB 18030-2000');
    expect(charsetName('', 'gb18030')).to.equal('');
  });
});
