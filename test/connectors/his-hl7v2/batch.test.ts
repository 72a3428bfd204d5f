import { expect } from 'chai';
import fc from 'fast-check';
import { splitFrame } from '../../../connectors/his-hl7v2/codec/batch.ts';

const M1 = 'MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5\rPID|1';
const M2 = 'MSH|^~\\&|A|B|C|D|1||RDS^O13|2|P|2.5\rPID|2';
const split = (text: string, encoding: 'utf8' | 'latin1' = 'utf8'): string[] => splitFrame(Buffer.from(text, encoding)).messages.map((bytes) => bytes.toString(encoding).trim());

describe('HL7 batches', () => {
  it('gives a single message as it is, without copying', () => {
    const frame = Buffer.from(M1);
    expect(splitFrame(frame).messages).to.have.length(1);
    expect(splitFrame(frame).messages[0]).to.equal(frame);
  });
  it('takes the messages out of FHS BHS … BTS FTS', () => {
    expect(split(['FHS|^~\\&|X', 'BHS|^~\\&|X', M1, M2, 'BTS|2', 'FTS|1', ''].join('\r'))).to.deep.equal([M1, M2]);
    expect(splitFrame(Buffer.from(['BHS|^~\\&|X', M1, 'BTS|2'].join('\r')))).to.deep.include({ stated: 2 });
  });
  it('tolerates blank lines, blanks, CRLF, a BOM and a last line without end', () => {
    expect(split(`\ufeff\r\n\r\nFHS|^~\\&|X\r\n\r\nBHS|^~\\&\r\n \r\n${M1}\r\n\r\n  ${M2}\r\n\r\nBTS|2\r\n\r\nFTS|1`)).to.deep.equal([M1, M2]);
  });
  it('takes several batches of one file, and a single message with a trailer', () => {
    expect(split(['FHS|^~\\&', 'BHS|^~\\&', M1, 'BTS|1', 'BHS|^~\\&', M2, 'BTS|1', 'FTS|2'].join('\r'))).to.deep.equal([M1, M2]);
    expect(split([M1, 'BTS|1'].join('\r'))).to.deep.equal([M1]);
  });
  it('takes several MSH without any envelope as several messages', () => {
    expect(split(`${M1}\r${M2}\r${M1}`)).to.deep.equal([M1, M2, M1]);
    expect(split(`${M1}\n${M2.replace('MSH', 'msh')}`)).to.deep.equal([M1, M2.replace('MSH', 'msh')]);
  });
  it('is not misled by MSH inside a field, or by names that only begin alike', () => {
    const message = `${M1}\rNTE|1||see MSH|9 and\rMSHX|no\rZTS|1`;
    expect(split(message)).to.deep.equal([message]);
  });
  it('finds no message where there is none', () => {
    for (const text of ['', '\r\r', 'FHS|^~\\&\rBHS|^~\\&\rBTS|0\rFTS|1', 'PID|1', 'hello']) expect(split(text)).to.deep.equal([]);
  });
  it('never loses or adds a byte of a message, whatever stands around', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(M1, M2, 'FHS|^~\\&', 'BHS|^~\\&', 'BTS|1', 'FTS|1', ''), { maxLength: 12 }), (lines) => {
      const frame = Buffer.from(lines.join('\r'));
      expect(splitFrame(frame).messages.map((bytes) => bytes.toString().trim())).to.deep.equal(lines.filter((line) => line.startsWith('MSH')));
    }));
  });
  it('never throws on random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => { expect(splitFrame(Buffer.from(bytes)).messages).to.be.an('array'); }));
  });
});
