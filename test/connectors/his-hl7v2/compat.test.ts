import { expect } from 'chai';
import fc from 'fast-check';
import { diagnose, withDiagnosis } from '../../../connectors/his-hl7v2/compat/diagnosis.ts';
import { parseGuarded } from '../../../connectors/his-hl7v2/compat/guarded-parse.ts';
import type { GuardedSegment } from '../../../connectors/his-hl7v2/compat/guarded-parse.ts';
import type { Hl7Segment } from '../../../adapter/ports/hl7-message.ts';
import { messageOf, samplesOf } from '../../support/hl7-sample.ts';

/** Where hl7-standard differs from our codec, and why that is its defect (packages.md 1.1); everything else has to be equal. */
const EXPECTED_DIFFERENCES: Readonly<Record<string, string>> = {
  'lone component with sub-components': 'it reads the sub-components of a field without ^ as repetitions (defect 1)',
};

function ours(segment: Hl7Segment, field: number): readonly (readonly (readonly string[])[])[] {
  if (segment.raw(field) === '') return [[['']]];
  if (segment.name === 'MSH' && field <= 2) return [[[segment.raw(field)]]];
  return segment.repetitions(field).map((repetition) => repetition.raw.split('^').map((component) => component.split('&')));
}

function differences(mine: Hl7Segment, theirs: GuardedSegment): string[] {
  const found: string[] = [];
  for (let field = mine.name === 'MSH' ? 2 : 1; field <= mine.fieldCount; field += 1) {
    const a = JSON.stringify(ours(mine, field));
    const b = JSON.stringify(theirs.fields.get(field) ?? [[['']]]);
    if (a === b) continue;
    const raw = mine.raw(field);
    found.push(raw.includes('&') && raw.split('~').some((repetition) => !repetition.includes('^')) ? 'lone component with sub-components' : `${mine.name}-${String(field)} ${a} ≠ ${b}`);
  }
  return found;
}

function compare(text: string): string[] {
  const parsed = parseGuarded(text);
  if (parsed.kind === 'refused') throw new Error(parsed.why);
  const mine = messageOf(text).segments;
  expect(parsed.segments.map((segment) => segment.name)).to.deep.equal(mine.map((segment) => segment.name));
  return mine.flatMap((segment, i) => differences(segment, parsed.segments[i] ?? { name: '', fields: new Map() }));
}

describe('hl7-standard as a second reader', () => {
  const samples = [...samplesOf('mappings/standard/samples'), ...samplesOf('mappings/neusoft/samples')];

  it('reads every sample like our codec, but for the expected differences', () => {
    const unexpected = samples.flatMap((sample) => compare(sample.segments.join('\r')).map((difference) => `${sample.file}: ${difference}`))
      .filter((difference) => !Object.keys(EXPECTED_DIFFERENCES).some((known) => difference.endsWith(known)));
    expect(unexpected).to.deep.equal([]);
  });

  it('reads random messages like our codec, but for the expected differences', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '1', '^', '~', '&', '中', '\\F\\'), maxLength: 12 });
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('PID', 'ORC', 'RXD', 'ZTC', 'OBX'), fc.array(text, { minLength: 1, maxLength: 6 })), { minLength: 1, maxLength: 8 }), (segments) => {
      const message = ['MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5', ...segments.map(([name, fields]) => `${name}|${fields.join('|')}|end`)].join('\r');
      for (const difference of compare(message)) expect(Object.keys(EXPECTED_DIFFERENCES)).to.include(difference);
    }), { numRuns: 300 });
  });

  it('shows the expected difference still: when it is mended, the list gets shorter', () => {
    expect(compare('MSH|^~\\&|A|B|C|D|1||RDS^O13|1|P|2.5\rRXE|a&b|x')).to.deep.equal(['lone component with sub-components']);
  });

  it('is kept away from what it would get wrong', () => {
    for (const text of ['', 'PID|1', 'MSH$%~!@$A', 'MSH|^~\\&#|A', 'x'.repeat(70_000), `MSH|^~\\&|A\r${'PID|1\r'.repeat(1_001)}`]) expect(parseGuarded(text).kind).to.equal('refused');
  });

  it('gets line ends it understands: mixed ones, a single segment, odd segment names lose nothing', () => {
    const names = (text: string): string[] => { const parsed = parseGuarded(text); return parsed.kind === 'read' ? parsed.segments.map((segment) => segment.name) : [parsed.why]; };
    expect(names('MSH|^~\\&|A')).to.deep.equal(['MSH']);
    expect(names('\ufeffMSH|^~\\&|A\r\nPID|1\nNTE|1\rpid|2\rORC|RE')).to.deep.equal(['MSH', 'PID', 'NTE', 'ORC']);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('MSH|^~\\&', '|', '^', '~', '&', '\r', '\n', 'PID|', 'FHS|', 'a', '\\'), maxLength: 40 }), (text) => { expect(diagnose(text)).to.be.a('string'); }));
  });

  it('names segments only, never their content', () => {
    const refusal = withDiagnosis({ code: 'HL7_FIELD_INVALID', detail: '数量缺少' }, 'MSH|^~\\&|A\rPID|1||机密\rORC|RE');
    expect(refusal.detail).to.equal('数量缺少；逐段诊断：可读的段 MSH PID ORC');
  });
});
