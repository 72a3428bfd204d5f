import { expect } from 'chai';
import fc from 'fast-check';
import { EVENT_KINDS } from '../../adapter/domain/event.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import { validateEvent } from '../../adapter/intake/event-schema.ts';

type Members = Record<string, unknown>;
const CODE = '89990010000000011234';

function line(changes: Members = {}): Members {
  return { lineNo: '1', drug: 'YP00012', quantity: '2', unit: '盒', split: false, unitPrice: '12.500000', lot: 'A2401', producedOn: '2026-01-02', expiresOn: '2027-12-31', codes: [CODE], ...changes };
}

function event(changes: Members = {}): Members {
  return { id: 'OP1', source: 'his', institution: 'H89990000001', kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', documentNo: 'CF1', lines: [line()], ...changes };
}

function refused(raw: unknown): Refusal {
  const verdict = validateEvent(raw);
  if ('ok' in verdict) throw new Error('taken');
  return verdict.refusal;
}

function taken(raw: unknown): Members {
  const verdict = validateEvent(raw);
  if ('refusal' in verdict) throw new Error(JSON.stringify(verdict.refusal));
  return verdict.ok as unknown as Members;
}

describe('event schema: what is taken', () => {
  it('takes the event of the contract and leaves out members it does not know', () => {
    const sent = event({ patient: { visitNo: 'V1', class: 'outpatient', settlementType: 'insured', settlementArea: 'local' }, colour: 'red' });
    const { colour, ...known } = sent;
    expect(taken(sent)).to.deep.equal(known);
    expect(colour).to.equal('red');
  });

  it('takes null and empty text as absent', () => {
    const sent = event({ location: '', refers: null, patient: { visitNo: 'V1', settlementId: '' }, counterparty: { code: '', name: null }, lines: [line({ lot: '', codes: ['', CODE, null] })] });
    const got = taken(sent);
    expect(got).not.to.have.any.keys('location', 'refers', 'counterparty');
    expect(got['patient']).to.deep.equal({ visitNo: 'V1' });
    expect((got['lines'] as Members[])[0]).to.deep.include({ codes: [CODE] }).and.not.have.property('lot');
  });

  it('lets split and codes be left out', () => {
    const sent = event({ lines: [{ lineNo: '1', drug: 'D', quantity: '0.5', unit: '片' }] });
    expect((taken(sent)['lines'] as Members[])[0]).to.deep.include({ split: false, codes: [] });
  });

  it('takes times in any offset and codes of any scheme, with the scanner\'s control characters', () => {
    for (const occurredAt of ['2026-11-22T01:31:05Z', '2026-11-22T01:31Z', '2026-11-22T09:31:05.123+08:00', '2024-02-29T23:59:59-05:00']) expect(taken(event({ occurredAt }))['occurredAt']).to.equal(occurredAt);
    const codes = [']d20106901234567892\u001d21ABC\u001d10L1', '(01)06901234567892(21)ABC', '８９９９００１', 'https://example.org/01/06901234567892/21/ABC'];
    expect((taken(event({ lines: [line({ codes })] }))['lines'] as Members[])[0]?.['codes']).to.deep.equal(codes);
  });

  it('takes every kind with what it needs', () => {
    const needs: Readonly<Record<string, Members>> = {
      'void': { refers: 'OP0', lines: undefined }, 'settlement': { patient: { visitNo: 'V1', settlementId: 'S1' }, lines: [] }, 'split-open': { lines: [line({ split: true, quantity: '1' })] },
      'transfer-out': { counterparty: { code: 'H2' } }, 'transfer-in': { counterparty: { code: 'H2' } }, 'stock-count': { lines: [line({ quantity: '0', codes: [] })] },
    };
    for (const kind of EVENT_KINDS) expect(taken(event({ kind, ...needs[kind] }))['kind']).to.equal(kind);
  });

  it('takes split-open without the word split, and 1.000 for its quantity', () => {
    const sent = event({ kind: 'split-open', lines: [{ lineNo: '1', drug: 'D', quantity: '1.000', unit: '盒', codes: [CODE] }] });
    expect((taken(sent)['lines'] as Members[])[0]?.['split']).to.equal(true);
  });
});

describe('event schema: what is refused', () => {
  const faults: readonly [string, Members, string, string?][] = [
    ['a missing id', { id: undefined }, 'id'], ['an id that is too long', { id: 'x'.repeat(129) }, 'id'], ['an id with a line feed', { id: 'a\nb' }, 'id'],
    ['an unknown kind', { kind: 'sale' }, 'kind'], ['a time without offset', { occurredAt: '2026-11-22T09:31:05' }, 'occurredAt'], ['30 February', { occurredAt: '2026-02-30T09:31:05+08:00' }, 'occurredAt'],
    ['a time of another century', { occurredAt: '0026-11-22T09:31:05+08:00' }, 'occurredAt'], ['emergency as text', { emergency: 'true' }, 'emergency'],
    ['no lines', { lines: [] }, 'lines'], ['lines that are no array', { lines: {} }, 'lines'], ['a line that is no object', { lines: [5] }, 'lines[0]'],
    ['a quantity that is a number', { lines: [line({ quantity: 2 })] }, 'lines[0].quantity'], ['a quantity in words', { lines: [line({ quantity: '两' })] }, 'lines[0].quantity'],
    ['a quantity in scientific form', { lines: [line({ quantity: '1e3' })] }, 'lines[0].quantity'], ['seven decimals', { lines: [line({ quantity: '0.1234567' })] }, 'lines[0].quantity'],
    ['nothing dispensed', { lines: [line({ quantity: '0' })] }, 'lines[0].quantity'], ['a negative dispense', { lines: [line({ quantity: '-1' })] }, 'lines[0].quantity'],
    ['a negative count', { kind: 'stock-count', lines: [line({ quantity: '-1' })] }, 'lines[0].quantity'], ['a negative price', { lines: [line({ unitPrice: '-0.01' })] }, 'lines[0].unitPrice'],
    ['an expiry that is no day', { lines: [line({ expiresOn: '2027-02-29' })] }, 'lines[0].expiresOn'], ['a compact date', { lines: [line({ producedOn: '20270101' })] }, 'lines[0].producedOn'],
    ['the same line number twice', { lines: [line(), line({ lineNo: '2' }), line()] }, 'lines[2].lineNo'], ['a missing drug', { lines: [line({ drug: '' })] }, 'lines[0].drug'],
    ['a code as a number', { lines: [line({ codes: [89990010000000] })] }, 'lines[0].codes[0]', 'CODE_UNUSABLE'], ['a code that is an object', { lines: [line({ codes: [CODE, {}] })] }, 'lines[0].codes[1]', 'CODE_UNUSABLE'],
    ['codes as one text', { lines: [line({ codes: CODE })] }, 'lines[0].codes'], ['too many codes in a line', { lines: [line({ codes: Array.from({ length: 20_001 }, () => CODE) })] }, 'lines[0].codes', 'EVENT_TOO_MANY_CODES'],
    ['too many codes in the event', { lines: ['1', '2'].map((lineNo) => line({ lineNo, codes: Array.from({ length: 10_001 }, () => CODE) })) }, 'lines', 'EVENT_TOO_MANY_CODES'],
    ['void without refers', { kind: 'void', lines: [] }, 'refers'], ['void with lines', { kind: 'void', refers: 'OP0' }, 'lines'],
    ['settlement without visit', { kind: 'settlement', lines: [], patient: { settlementId: 'S' } }, 'patient.visitNo'], ['settlement without settlement', { kind: 'settlement', lines: [], patient: { visitNo: 'V' } }, 'patient.settlementId'],
    ['split-open of two lines', { kind: 'split-open', lines: [line({ split: true, quantity: '1' }), line({ lineNo: '2', split: true, quantity: '1' })] }, 'lines'],
    ['split-open of two packs', { kind: 'split-open', lines: [line({ split: true })] }, 'lines[0].quantity'], ['split-open without code', { kind: 'split-open', lines: [line({ split: true, quantity: '1', codes: [] })] }, 'lines[0].codes'],
    ['split-open that is not split', { kind: 'split-open', lines: [line({ quantity: '1' })] }, 'lines[0].split'], ['a transfer to nobody', { kind: 'transfer-out' }, 'counterparty.code'],
    ['a NUL, which no database keeps', { location: 'a\u0000' }, 'location'], ['half a character', { location: '\ud800' }, 'location'],
  ];
  for (const [name, changes, field, code = 'EVENT_INVALID'] of faults) {
    it(`refuses ${name}`, () => {
      const why = refused(event(changes));
      expect([why.code, why.field]).to.deep.equal([code, field]);
      expect(why.detail).to.match(/[\u4e00-\u9fff]/);
       
      expect(JSON.stringify(why.value ?? '') + (why.detail ?? '')).not.to.match(/[\u0000-\u001f]/);
    });
  }

  it('names the misspelt member that was probably meant', () => {
    for (const [wrong, right] of [['quantitiy', 'quantity'], ['line_no', 'lineNo'], ['Drug', 'drug']] as const) {
      const { [right]: value, ...rest } = line();
      const why = refused(event({ lines: [{ ...rest, [wrong]: value }] }));
      expect([why.field, why.detail?.includes(wrong)]).to.deep.equal([`lines[0].${right}`, true]);
    }
  });

  it('names further faults and counts the rest', () => {
    const why = refused(event({ id: undefined, source: undefined, kind: 'sale', occurredAt: 'now', lines: [line({ unit: 5 })] }));
    expect(why.field).to.equal('id');
    expect(why.detail).to.contain('source').and.contain('kind').and.contain('共 5 处');
  });

  it('repeats nothing about people', () => {
    const why = refused(event({ patient: { name: 12345, idNo: 3.5e17, class: '张三丰' }, operator: { idNo: true } }));
    expect(JSON.stringify(why)).not.to.match(/12345|350000000000000000|张三丰|true/);
    expect(why).not.to.have.property('value');
  });

  it('refuses what is no object, and never throws whatever it is given', () => {
    for (const raw of [null, undefined, 5, 'x', [], [event()]]) expect(refused(raw).code).to.equal('EVENT_INVALID');
    fc.assert(fc.property(fc.jsonValue(), fc.constantFrom('id', 'lines', 'patient', 'kind', 'counterparty'), (value, member) => {
      expect(validateEvent(value)).to.have.any.keys('ok', 'refusal');
      expect(validateEvent(event({ [member]: value }))).to.have.any.keys('ok', 'refusal');
      expect(validateEvent(event({ lines: [line({ quantity: value, codes: value, lineNo: value })] }))).to.have.property('refusal');
    }), { numRuns: 500 });
  });

  it('gives a member called __proto__ no power', () => {
    const raw = JSON.parse(JSON.stringify(event()).replace('{', '{"__proto__":{"refers":"X"},')) as unknown;
    expect(taken(raw)).not.to.have.property('refers');
  });
});
