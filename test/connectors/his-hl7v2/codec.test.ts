import { expect } from 'chai';
import fc from 'fast-check';
import type { Hl7Message } from '../../../adapter/ports/hl7-message.ts';
import { byteReader } from '../../../connectors/his-hl7v2/codec/charset.ts';
import { readDelimiters, STANDARD_DELIMITERS } from '../../../connectors/his-hl7v2/codec/delimiters.ts';
import { decodeEscapes, encodeEscapes } from '../../../connectors/his-hl7v2/codec/escape.ts';
import { readHeader } from '../../../connectors/his-hl7v2/codec/header.ts';
import { parseMessage } from '../../../connectors/his-hl7v2/codec/message.ts';
import { messageOf } from '../../support/hl7-sample.ts';

const M = 'MSH|^~\\&|A|B|C|D|20261122||RDS^O13|1|P|2.5';
const first = (message: Hl7Message, name: string): NonNullable<ReturnType<Hl7Message['first']>> => {
  const segment = message.first(name);
  if (segment === undefined) throw new Error(`no ${name}`);
  return segment;
};

describe('HL7 codec: segments', () => {
  for (const [name, end] of [['CR', '\r'], ['CRLF', '\r\n'], ['LF', '\n']] as const) {
    it(`splits on ${name}, last segment ended or not`, () => {
      expect(messageOf([M, 'PID|1', 'ORC|RE', ''].join(end)).segments.map((s) => s.name)).to.deep.equal(['MSH', 'PID', 'ORC']);
      expect(messageOf([M, 'PID|1', 'ORC|RE'].join(end)).segments).to.have.length(3);
    });
  }
  it('tolerates mixed line ends, blank lines, leading blanks, BOM and lower-case names', () => {
    const message = messageOf(`\ufeff\r\n ${M.replace('MSH', 'msh')}\r\n\r\n  pid|1\n\n\tOrc|RE\r \r`);
    expect(message.segments.map((s) => s.name)).to.deep.equal(['MSH', 'PID', 'ORC']);
    expect(first(message, 'MSH').text(10)).to.equal('1');
  });
  it('keeps a line feed typed into a note: nothing after it is lost', () => {
    const message = messageOf(`${M}\rNTE|1||first line\nsecond | line\rORC|RE`);
    expect(message.segments.map((s) => s.name)).to.deep.equal(['MSH', 'NTE', 'ORC']);
    expect(first(message, 'NTE').raw(3)).to.equal('first line\nsecond ');
  });
  it('gives segments in message order, with their occurrence, unknown ones included', () => {
    const message = messageOf([M, 'ABC|x', 'ORC|1', 'ZZZ|y', 'RXD|1', 'ORC|2', 'RXD|2', 'DSC'].join('\r'));
    expect(message.segments.map((s) => `${s.name}${String(s.occurrence)}`)).to.deep.equal(['MSH1', 'ABC1', 'ORC1', 'ZZZ1', 'RXD1', 'ORC2', 'RXD2', 'DSC1']);
    expect(message.all('ORC').map((s) => s.text(1))).to.deep.equal(['1', '2']);
    expect(message.all('constructor')).to.deep.equal([]);
  });
  it('reads a message that is nothing but MSH', () => {
    expect(first(messageOf('MSH|^~\\&'), 'MSH').fieldCount).to.equal(2);
  });
  it('says why something is no message', () => {
    for (const text of ['', 'PID|1', 'MSH', 'MSHA^~\\&', 'MSH|||||', 'MSH|^^\\&|', 'MSH|^~\\&extra|A']) {
      const parsed = parseMessage(text, byteReader('utf-8'));
      if (text === 'MSH|||||') expect(parsed.kind, text).to.equal('message');
      else expect(parsed.kind, text).to.equal('unreadable');
    }
  });
});

describe('HL7 codec: fields', () => {
  const message = messageOf(`${M}\rPID|1||A^^^H&1.2.3&ISO^MR~B^^^^NI||张&&x^三|""|\\F\\|a&b||`);
  const pid = first(message, 'PID');
  it('counts MSH fields as the standard does', () => {
    const msh = first(message, 'MSH');
    expect([1, 2, 3, 9, 10].map((n) => msh.text(n))).to.deep.equal(['|', '^~\\&', 'A', 'RDS', '1']);
    expect(msh.text(9, 2)).to.equal('O13');
    expect(msh.fieldCount).to.equal(12);
  });
  it('gives every repetition, component and sub-component', () => {
    expect(pid.repetitions(3).map((r) => [r.text(), r.text(5), r.text(4, 2), r.text(4, 0)])).to.deep.equal([['A', 'MR', '1.2.3', 'H&1.2.3&ISO'], ['B', 'NI', '', '']]);
    expect(pid.text(5)).to.equal('张');
    expect(pid.text(5, 2)).to.equal('三');
    expect(pid.text(8)).to.equal('a');
    expect(pid.text(8, 1, 0)).to.equal('a&b');
  });
  it('answers absent and null alike with empty text, and never throws for any index', () => {
    expect([pid.text(6), pid.text(99), pid.text(3, 50), pid.raw(99), pid.text(0, 0, -1)].join('')).to.equal('PID');
    expect(pid.repetitions(99)).to.deep.equal([]);
    expect(pid.repetitions(2)).to.deep.equal([]);
  });
  it('keeps empty repetitions in their places', () => {
    const rxd = first(messageOf(`${M}\rRXD|1|~A~`), 'RXD');
    expect(rxd.repetitions(2).map((r) => r.text())).to.deep.equal(['', 'A', '']);
  });
  it('never changes a field: raw text is what came', () => {
    fc.assert(fc.property(fc.array(fc.string({ maxLength: 12 }).map((s) => s.replace(/[|\r\n\0]/g, '')), { minLength: 1, maxLength: 20 }), (fields) => {
      const segment = first(messageOf(`${M}\rZZZ|${fields.join('|')}`), 'ZZZ');
      fields.forEach((field, i) => { expect(segment.raw(i + 1)).to.equal(field); });
    }));
  });
});

describe('HL7 codec: delimiters', () => {
  it('obeys MSH-1 and MSH-2', () => {
    const message = messageOf('MSH$%*!@$A$B$C$D$20261122$$RDS%O13$ID7$P$2.5\rPID$1$$A%%%H@1.2%MR*B$$x!F!y!S!z!T!w!R!v!E!u|^~\\&');
    expect(message.delimiters).to.deep.equal({ field: '$', component: '%', repetition: '*', escape: '!', subcomponent: '@' });
    const pid = first(message, 'PID');
    expect(pid.repetitions(3).map((r) => r.text())).to.deep.equal(['A', 'B']);
    expect(pid.text(3, 4, 2)).to.equal('1.2');
    expect(pid.text(5)).to.equal('x$y%z@w*v!u|^~\\&');
    expect(first(message, 'MSH').text(9, 2)).to.equal('O13');
  });
  it('takes five characters in MSH-2 (truncation), and fills in what is left out', () => {
    expect(readDelimiters('MSH|^~\\&#|')).to.deep.equal(STANDARD_DELIMITERS);
    expect(readDelimiters('MSH|^~\\|')).to.deep.equal(STANDARD_DELIMITERS);
    expect(readDelimiters('MSH||')).to.deep.equal(STANDARD_DELIMITERS);
    expect(readDelimiters('MSH|^~\\&#x|')).to.equal(undefined);
    expect(readDelimiters('MSHx^~\\&x')).to.equal(undefined);
    expect(readDelimiters('MSH东^~\\&东')).to.equal(undefined);
  });
});

describe('HL7 codec: escapes', () => {
  const decode = (text: string): string => decodeEscapes(text, STANDARD_DELIMITERS, byteReader('gbk'));
  const cases: readonly (readonly [string, string])[] = [
    ['a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f', 'a|b^c&d~e\\f'], ['\\X0D\\', '\r'], ['\\X0D0A\\', '\r\n'], ['x\\X1D\\y', 'x\u001dy'], ['\\XD6D0\\文', '中文'],
    ['a\\.br\\b', 'a\nb'], ['\\H\\bold\\N\\', 'bold'], ['\\P\\', '#'], ['\\Z01\\', '\\Z01\\'], ['\\.sp3\\', '\\.sp3\\'], ['C:\\temp', 'C:\\temp'], ['C:\\a\\F\\b', 'C:\\a|b'],
    ['\\', '\\'], ['\\\\', '\\\\'], ['\\F', '\\F'], ['\\X0\\', '\\X0\\'], ['\\XZZ\\', '\\XZZ\\'], ['\\E\\F\\E\\', '\\F\\'], ['', ''],
  ];
  for (const [raw, text] of cases) {
    it(`reads ${JSON.stringify(raw)} as ${JSON.stringify(text)}`, () => { expect(decode(raw)).to.equal(text); });
  }
  it('never throws on any text', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('\\', 'F', 'X', '0', 'D', '|', '.', 'b', 'r', '中') }), (text) => { expect(decode(text)).to.be.a('string'); }));
  });
  it('writes text so that it reads back the same and cannot add a field or segment', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('|', '^', '~', '\\', '&', '\r', '\n', '\u000b', '\u001c', 'F', 'X', '中', 'é', '1') }), (text) => {
      const written = encodeEscapes(text, STANDARD_DELIMITERS);
      expect(written).to.not.match(/[|^~&\r\n\u000b\u001c]/);
      expect(decodeEscapes(written, STANDARD_DELIMITERS, byteReader('utf-8'))).to.equal(text);
    }));
  });
});

describe('HL7 codec: header', () => {
  it('reads what the answer needs', () => {
    const header = readHeader('MSH|^~\\&|A^1.2^ISO|H1|C|H2^9^X|20261122||rds^o13^RDS_O13| ID 7 |P|2.5.1^CHN|||al|Ne||~UNICODE UTF-8~GBK|||');
    expect(header).to.deep.include({ controlId: 'ID 7', type: 'RDS', trigger: 'O13', version: '2.5.1', acceptAck: 'AL', applicationAck: 'NE', charsets: ['UNICODE UTF-8', 'GBK'] });
    expect(header).to.deep.include({ sendingFacility: ['H1'], receivingFacility: ['H2', '9', 'X'] });
  });
  it('reads a header that ends early', () => {
    expect(readHeader('MSH|^~\\&|A')).to.deep.include({ controlId: '', type: '', version: '' });
    expect(readHeader('PID|1')).to.equal(undefined);
  });
});
