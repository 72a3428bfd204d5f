import { expect } from 'chai';
import fc from 'fast-check';
import { gs1Date, hasCheckDigit, identifierAt, parseElementString } from '../../adapter/domain/gs1-elements.ts';
import { readTraceCode, scannedForm, type TraceCode } from '../../adapter/domain/trace-code.ts';

const GS = '\u001D';
const GTIN = '06901234567892';
const PACK: TraceCode = { text: `(01)${GTIN}(21)ABC123`, scheme: 'gs1', productResourceCode: GTIN, serial: 'ABC123', checkDigits: '', lot: 'A24', expiresOn: '2027-12-31' };

function read(scanned: string): TraceCode | string {
  const reading = readTraceCode(scanned);
  if (reading.kind === 'unusable') return reading.reason;
  return reading.codes.length === 1 && reading.codes[0] !== undefined ? reading.codes[0] : `${String(reading.codes.length)} codes`;
}

describe('GS1 codes', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['an element string with FNC1', `01${GTIN}1727123110A24${GS}21ABC123`],
    ['the serial first', `21ABC123${GS}01${GTIN}1727123110A24`],
    ['the lot last', `01${GTIN}21ABC123${GS}1727123110A24`],
    ['a leading FNC1', `${GS}01${GTIN}1727123110A24${GS}21ABC123`],
    ['a closing FNC1', `01${GTIN}10A24${GS}17271231${GS}21ABC123${GS}`],
    ['GS1 DataMatrix', `]d201${GTIN}1727123110A24${GS}21ABC123`], ['GS1-128', `]C101${GTIN}1727123110A24${GS}21ABC123`],
    ['GS1 QR', `]Q301${GTIN}1727123110A24${GS}21ABC123`], ['GS1 DataBar', `]e001${GTIN}1727123110A24${GS}21ABC123`],
    ['a prefix without its bracket', `d201${GTIN}1727123110A24${GS}21ABC123`],
    ['FNC1 spelled out', `01${GTIN}1727123110A24<GS>21ABC123`], ['FNC1 as a pipe', `01${GTIN}1727123110A24|21ABC123`], ['FNC1 as a control picture', `01${GTIN}1727123110A24␝21ABC123`],
    ['the printed form', `(01)${GTIN}(17)271231(10)A24(21)ABC123`], ['the printed form on lines', `(01) ${GTIN}\n(21) ABC123\n(17) 271231\n(10) A24`],
    ['the printed form in full width', `（０１）${GTIN}（２１）ＡＢＣ１２３（１７）271231（１０）Ａ24`], ['square brackets', `[01]${GTIN}[10]A24[17]271231[21]ABC123`],
    ['Chinese brackets', `【01】${GTIN}【10】A24【17】271231【21】ABC123`],
    ['a Digital Link', `https://id.gs1.org/01/${GTIN}/10/A24/21/ABC123?17=271231`], ['a Digital Link of a maker', `http://maker.example.com/x/01/${GTIN}/21/ABC123?10=A24&17=271231&utm=q`],
    ['a Digital Link with names and a 13-digit GTIN', 'https://example.com/gtin/6901234567892/lot/A24/ser/ABC123?exp=271231'],
    ['an ISO 15434 envelope', `[)>\u001E05\u001D01${GTIN}1727123110A24${GS}21ABC123\u001E\u0004`],
    ['Caps Lock, told by the prefix', `]D201${GTIN}1727123110a24${GS}21abc123`],
  ];
  for (const [title, scanned] of forms) {
    it(`reads the same pack from ${title}`, () => {
      expect(read(scanned)).to.deep.equal(PACK);
    });
  }

  it('gives one key for all forms of any pack', () => {
    const serial = fc.string({ unit: fc.constantFrom(...Array.from('ABCDEFGHJKLMNPQRSTUVWXYZabcxyz0123456789-_./+!')), minLength: 1, maxLength: 20 });
    const lot = fc.string({ unit: fc.constantFrom(...Array.from('ABCXYZ0123456789-')), minLength: 1, maxLength: 20 });
    fc.assert(fc.property(serial, lot, (sn, batch) => {
      const link = `https://id.gs1.org/01/${GTIN}/10/${encodeURIComponent(batch)}/21/${encodeURIComponent(sn)}?17=271231`;
      const readings = [
        `]d201${GTIN}1727123110${batch}${GS}21${sn}`, `01${GTIN}21${sn}${GS}10${batch}${GS}17271231`, `10${batch}${GS}17271231${GS}01${GTIN}21${sn}`,
        `(01)${GTIN}(21)${sn}(10)${batch}(17)271231`, link,
      ].map(read);
      const [first] = readings;
      expect(first).to.have.property('productResourceCode', GTIN);
      for (const reading of readings) expect(reading).to.deep.equal(first);
    }), { numRuns: 500 });
  });

  it('folds a serial without capitals, and keeps one with both cases', () => {
    expect(readTraceCode(`01${GTIN}21abc123`)).to.deep.include({ notes: ['case-folded'] });
    expect(read(`01${GTIN}21abc123`)).to.have.property('serial', 'ABC123');
    expect(read(`01${GTIN}21aBc123`)).to.have.property('serial', 'aBc123');
  });

  it('reads dates: day 00 is the last of the month, an impossible date is left out with a note', () => {
    expect(read(`(01)${GTIN}(21)X1(17)280200(11)260115`)).to.deep.include({ expiresOn: '2028-02-29', producedOn: '2026-01-15' });
    const reading = readTraceCode(`(01)${GTIN}(21)X1(17)271331`);
    expect(reading).to.deep.include({ notes: ['date-unreadable'] });
    expect(gs1Date('270230')).to.equal(undefined);
    expect(gs1Date('27023')).to.equal(undefined);
  });

  const ambiguous: readonly (readonly [string, string])[] = [
    ['a serial followed by an expiry', `01${GTIN}21ABC12317271231`], ['a serial followed by expiry and lot', `01${GTIN}21ABC1231727123110A24`],
    ['a serial followed by a lot', `01${GTIN}21ABC12310LOT1`], ['a lot followed by a serial', `01${GTIN}1727123110A2421ABC123`],
    ['expiry, serial and lot', `01${GTIN}1727123121ABC12310240101`], ['a serial in front of the GTIN', `]d221AB01${GTIN}`],
    ['a serial that is too long', `01${GTIN}21${'7'.repeat(21)}`], ['broken elements', `]d201${GTIN}2`], ['two serials', `(01)${GTIN}(21)A(21)B(10)`],
  ];
  for (const [title, scanned] of ambiguous) {
    it(`asks for another scan when FNC1 is lost: ${title}`, () => {
      expect(read(scanned)).to.equal('gs1-ambiguous');
    });
  }

  it('takes a serial as it is when nothing else can be meant', () => {
    expect(read(`01${GTIN}21SN1000001`)).to.have.property('serial', 'SN1000001');
    expect(read(`01${GTIN}1727123110A24${GS}21SN10LOT17271231`)).to.have.property('serial', 'SN10LOT17271231');
  });

  it('names a label without serial, a logistics label and a wrong check digit', () => {
    expect(read(`01${GTIN}1727123110A24`)).to.equal('gs1-no-serial');
    expect(read(`01${GTIN}`)).to.equal('gs1-no-serial');
    expect(read('(00)369012345678901239')).to.equal('logistics-label');
    expect(read(']C100369012345678901239')).to.equal('logistics-label');
    expect(readTraceCode('(01)06901234567890(21)A1')).to.deep.include({ kind: 'codes', notes: ['gtin-check-digit'] });
  });

  it('writes a code as the scanner reads it', () => {
    expect(scannedForm(PACK.text)).to.equal(`01${GTIN}21ABC123`);
    expect(read(`]d2${scannedForm(PACK.text)}`)).to.have.property('text', PACK.text);
    for (const other of ['89990010000000011234', 'AB-1234567', '(01)12(21)A']) expect(scannedForm(other)).to.equal(other);
  });

  it('parts packs run together', () => {
    const reading = readTraceCode(`]d201${GTIN}21A1${GS}1727123110L1]d201${GTIN}21A2`);
    expect(reading.kind === 'codes' && reading.codes.map((code) => code.serial)).to.deep.equal(['A1', 'A2']);
    expect(reading.kind === 'codes' && reading.codes[0]?.lot).to.equal('L1');
    expect(readTraceCode(`(01)${GTIN}(21)A1(01)${GTIN}(21)A2`)).to.have.nested.property('codes.length', 2);
    expect(readTraceCode(`01${GTIN}21A1${GS}01${GTIN}21A2`)).to.have.nested.property('codes.length', 2);
    expect(readTraceCode(`01${GTIN}21A101${GTIN}21A1`)).to.deep.include({ notes: ['doubled'] });
  });

  it('will not choose between two readings of digits alone', () => {
    expect(read(`01${GTIN}1727123121${'5'.repeat(14)}`)).to.equal('several-codes');
    expect(read(`]d201${GTIN}1727123121${'5'.repeat(14)}`)).to.have.property('serial', '5'.repeat(14));
  });
});

describe('GS1 elements', () => {
  it('knows the published check digits', () => {
    for (const good of ['6901234567892', '09501101530003', '96385074', '369012345678901239']) expect(hasCheckDigit(good), good).to.equal(true);
    for (const bad of ['6901234567890', 'abc', '', '7']) expect(hasCheckDigit(bad), bad).to.equal(false);
  });

  it('knows where an identifier ends', () => {
    expect(identifierAt('0106')).to.deep.equal({ ai: '01', fixed: true, length: 14 });
    expect(identifierAt('4141')).to.deep.equal({ ai: '414', fixed: true, length: 13 });
    expect(identifierAt('3103')).to.deep.equal({ ai: '3103', fixed: true, length: 6 });
    expect(identifierAt('7101')).to.deep.equal({ ai: '710', fixed: false, length: 20 });
    expect(identifierAt('0512')).to.equal(undefined);
    expect(identifierAt('31')).to.equal(undefined);
  });

  it('reads what it wrote', () => {
    const element = fc.constantFrom(['10', 'L1'], ['21', 'S'], ['17', '271231'], ['01', GTIN], ['37', '12'], ['240', 'x/1'], ['3103', '000123'], ['414', '6901234567892']);
    fc.assert(fc.property(fc.array(element, { minLength: 1, maxLength: 8 }), (elements) => {
      const text = elements.map(([ai, value]) => `${ai}${value}`).join(GS);
      expect(parseElementString(text)?.map(({ ai, value }) => [ai, value])).to.deep.equal(elements);
    }));
  });

  it('reads no element string out of anything else', () => {
    for (const text of ['', GS, '05123', `01${GTIN.slice(1)}`, '21', '10ä', `01${GTIN}21with blank`]) expect(parseElementString(text), text).to.equal(undefined);
  });
});
