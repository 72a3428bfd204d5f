import { expect } from 'chai';
import { eventSchema } from '../../adapter/intake/event-schema.ts';
import { problemsOfKind } from '../../adapter/intake/event-kind-rules.ts';
import { neusoft } from '../../mappings/neusoft/index.ts';
import { mappings } from '../../mappings/registry.ts';
import { standard } from '../../mappings/standard/index.ts';
import { interpretWith, SAMPLE_CONTEXT, samplesOf } from '../support/hl7-sample.ts';

for (const mapping of [standard, neusoft]) {
  describe(`mapping ${mapping.name}: samples`, () => {
    const samples = samplesOf(`mappings/${mapping.name}/samples`);

    it('has at least fifteen samples, bad ones among them', () => {
      expect(samples.length).to.be.at.least(15);
      expect(samples.filter((sample) => sample.expect.kind === 'refused').length).to.be.at.least(5);
    });

    for (const sample of samples) {
      it(`${sample.file}: ${sample.title}`, () => {
        expect(interpretWith(mapping, sample.segments)).to.deep.equal(sample.expect);
      });
    }

    it('makes only events that the intake takes', () => {
      for (const sample of samples) {
        const meaning = interpretWith(mapping, sample.segments);
        for (const event of meaning.kind === 'events' ? meaning.events : []) {
          expect(eventSchema.safeParse(event).error?.issues ?? [], sample.file).to.deep.equal([]);
          expect(problemsOfKind(event), sample.file).to.deep.equal([]);
          expect(event.source).to.equal(SAMPLE_CONTEXT.source);
        }
      }
    });

    it('gives the same meaning every time it reads a message', () => {
      for (const sample of samples) expect(interpretWith(mapping, sample.segments)).to.deep.equal(interpretWith(mapping, sample.segments));
    });
  });
}

describe('mappings registry', () => {
  it('names each mapping once', () => {
    expect(mappings.map((mapping) => mapping.name)).to.deep.equal([...new Set(mappings.map((mapping) => mapping.name))]).and.to.include.members(['standard', 'neusoft']);
  });
});
