import { expect } from 'chai';
import fc from 'fast-check';
import { readTraceCode, unusableText, noteText, READING_NOTES, UNUSABLE_REASONS, type TraceCode } from '../../adapter/domain/trace-code.ts';

const A = '89990010000000011234';
const B = '89990010000000029876';
const C = '89990020000000037777';

function codesOf(scanned: string): string[] {
  const reading = readTraceCode(scanned);
  return reading.kind === 'codes' ? reading.codes.map((code) => code.text) : [`unusable: ${reading.reason}`];
}

function only(scanned: string): TraceCode {
  const reading = readTraceCode(scanned);
  if (reading.kind !== 'codes' || reading.codes.length !== 1 || reading.codes[0] === undefined) throw new Error(`expected one code of ${JSON.stringify(scanned)}: ${JSON.stringify(reading)}`);
  return reading.codes[0];
}

function reasonOf(scanned: string): string {
  const reading = readTraceCode(scanned);
  return reading.kind === 'unusable' ? reading.reason : `codes: ${codesOf(scanned).join(' ')}`;
}

describe('readTraceCode, 20-digit codes', () => {
  it('cuts a 20-digit code into resource code, serial and check digits', () => {
    expect(only(A)).to.deep.equal({ text: A, scheme: 'cn20', productResourceCode: '8999001', serial: '000000001', checkDigits: '1234' });
  });

  const marks: readonly (readonly [string, string])[] = [
    ['blanks around', `  ${A} `], ['blanks between', '8999 0010 0000 0001 1234'], ['Enter', `${A}\r\n`], ['tab', `\t${A}\t`],
    ['full-width digits', '８９９９００１００００００００１１２３４'], ['ideographic space', `\u3000${A}`], ['byte-order mark', `\uFEFF${A}`],
    ['zero-width characters', `8999001\u200B0000000011234\u200E`], ['control characters', `\u0002${A}\u0003\u0004`], ['trailing FNC1', `${A}\u001D`],
    ['AIM prefix of Code 128', `]C0${A}`], ['AIM prefix of GS1-128', `]C1${A}`], ['AIM prefix after a Chinese input method', `】C0${A}`], ['AIM prefix without its bracket', `C0${A}`],
    ['two AIM prefixes', `]C0]C0${A}`], ['groups', '8999001-000000001-1234'], ['a label', `药品追溯码：${A}`], ['quotes', `"${A}"`], ['a number format', `${A}.0`],
    ['a link', `https://trace.example.cn/q?c=${A}&s=1`], ['a link path', `http://example.cn/${A}`], ['JSON', `{"code":"${A}"}`],
    ['a character of the input method', '89990010000啊000011234'], ['a line break in the middle', '8999001000\n0000011234'],
  ];
  for (const [title, scanned] of marks) {
    it(`reads the same code through ${title}`, () => {
      expect(codesOf(scanned)).to.deep.equal([A]);
    });
  }

  it('reads digits typed with Shift held down', () => {
    const shifted = Array.from(A).map((digit) => ')!@#$%^&*('[Number(digit)]).join('');
    expect(codesOf(shifted)).to.deep.equal([A]);
    expect(readTraceCode(shifted)).to.deep.include({ notes: ['shift-held'] });
  });

  it('parts two and three codes run together, in the order scanned', () => {
    expect(codesOf(A + B)).to.deep.equal([A, B]);
    expect(codesOf(C + A + B)).to.deep.equal([C, A, B]);
    expect(readTraceCode(A + B)).to.deep.include({ notes: ['joined'] });
  });

  it('parts codes by line breaks, commas, blanks and AIM prefixes', () => {
    for (const between of ['\r\n', '\t', ',', '，', ';', '；', '|', ' ', '、', ']C0', '\u001D']) {
      expect(codesOf(`${between === ']C0' ? between : ''}${A}${between}${B}`), JSON.stringify(between)).to.deep.equal([A, B]);
    }
  });

  it('counts a code scanned twice once, and says so', () => {
    expect(readTraceCode(A + A)).to.deep.include({ notes: ['doubled'] });
    expect(codesOf(`${A}\n${A}`)).to.deep.equal([A]);
  });

  it('flags digits that a floating-point number would print, without refusing them', () => {
    expect(readTraceCode('81234567890123460000')).to.deep.include({ kind: 'codes', notes: ['looks-rounded'] });
    expect(readTraceCode(A)).to.deep.include({ notes: [] });
  });

  it('never throws, and says of every string what it is', () => {
    const strings = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }), fc.string({ unit: fc.constantFrom(...Array.from('0189(21)[]]d2C1\u001D\n ,|:/?=&%E+.A a１（】、\uFEFF\u200B')), maxLength: 120 }));
    fc.assert(fc.property(strings, (text) => {
      const reading = readTraceCode(text);
      if (reading.kind === 'unusable') return unusableText(reading.reason) !== '' && [...reading.shown].length <= 60;
      return reading.codes.length > 0 && reading.codes.every((code) => code.text.length <= 100 && code.text !== '') && new Set(reading.codes.map((code) => code.text)).size === reading.codes.length;
    }), { numRuns: 5_000 });
  });

  it('gives the same code when the canonical text is read again', () => {
    const strings = fc.oneof(
      fc.string({ maxLength: 120 }), fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom('0', '1', '8', '9', '(01)', '(21)', '01', '21', '10', '17', '06901234567892', A, ']d2', ']C0', '\u001D', '\n', ' ', ',', '/', '://', 'x', 'Y', '<GS>', '<G', 'S>', '%3C', '?', '\u200B'), maxLength: 12 }),
    );
    fc.assert(fc.property(strings, (text) => {
      const reading = readTraceCode(text);
      if (reading.kind === 'unusable') return;
      for (const code of reading.codes) expect(only(code.text)).to.deep.include({ text: code.text, scheme: code.scheme, serial: code.serial, productResourceCode: code.productResourceCode });
    }), { numRuns: 5_000 });
  });

  it('finds any number of codes again however they are joined', () => {
    const code = fc.string({ unit: fc.constantFrom(...Array.from('0123456789')), minLength: 16, maxLength: 16 }).map((digits) => `8999${digits}`);
    const between = fc.constantFrom('', ' ', '\n', '\r\n', ',', '\t', ';', '\u001D');
    fc.assert(fc.property(fc.uniqueArray(code, { minLength: 1, maxLength: 12 }), between, (codes, joint) => {
      expect(codesOf(codes.join(joint))).to.deep.equal(codes);
    }));
  });

  it('does not care where blanks and invisible characters fell into a code', () => {
    fc.assert(fc.property(fc.nat(20), fc.constantFrom(' ', '\u3000', '\u200B', '\u0000', '\u00AD'), (at, noise) => {
      expect(codesOf(A.slice(0, at) + noise + A.slice(at))).to.deep.equal([A]);
    }));
  });
});

describe('readTraceCode, what cannot be used', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'empty'], [' \r\n\t', 'empty'], [']C0', 'empty'], ['无码', 'placeholder'], ['null', 'placeholder'], ['N/A', 'placeholder'], ['00000000000000000000', 'placeholder'], ['-', 'placeholder'],
    ['123', 'too-short'], ['ABC', 'too-short'], ['6901234567892', 'product-barcode'], ['6901234567890', 'product-barcode'], [']E06901234567892', 'product-barcode'], ['4006381333931', 'product-barcode'],
    ['8.1E+19', 'number-mangled'], ['8.999001e+019', 'number-mangled'], ['8.99900100000001E+19', 'number-mangled'], ['8,999e19', 'number-mangled'], ['81234567890123460000.00', 'number-mangled'], ['899900100000000.0', 'number-mangled'],
    ['8999001000000001123', 'wrong-length'], ['899900100000000112345', 'wrong-length'], [A + B.slice(1), 'wrong-length'], ['x'.repeat(101), 'too-long'], ['1'.repeat(3_000), 'too-long'],
    ['8999001\uFFFD000000011234', 'unreadable'], ['\uD83D8999001', 'unreadable'], ['这是一个很长的说明文字', 'foreign-characters'], ['追溯码ABC123456', 'foreign-characters'],
    ['https://example.cn/?a=89990010000000011234&b=89990010000000029876', 'several-codes'],
  ];
  for (const [scanned, reason] of cases) {
    it(`says ${reason} of ${JSON.stringify(scanned.slice(0, 40))}`, () => {
      expect(reasonOf(scanned)).to.equal(reason);
    });
  }

  it('has a sentence with a remedy for every reason and a sentence for every note', () => {
    for (const reason of UNUSABLE_REASONS) expect(unusableText(reason)).to.match(/请|不要/);
    for (const note of READING_NOTES) expect(noteText(note)).to.match(/\p{Script=Han}/u);
  });
});

describe('readTraceCode, other schemes', () => {
  it('keeps a code of an unknown scheme as it is', () => {
    expect(only('AB-12345.x')).to.deep.equal({ text: 'AB-12345.x', scheme: 'other', productResourceCode: '', serial: 'AB-12345.x', checkDigits: '' });
    expect(only(']C0ABCD1234 ').text).to.equal('ABCD1234');
    expect(only('123456789012345678').scheme).to.equal('other');
  });

  it('keeps a link without a code, with a note', () => {
    expect(readTraceCode('https://maker.example.cn/t/Ab3xY')).to.deep.include({ notes: ['link-kept'] });
    expect(only('https://maker.example.cn/t/Ab3xY').text).to.equal('https://maker.example.cn/t/Ab3xY');
  });

  it('takes codes of unknown schemes apart by lines only', () => {
    expect(codesOf('ABCD-0001\nABCD-0002')).to.deep.equal(['ABCD-0001', 'ABCD-0002']);
  });
});
