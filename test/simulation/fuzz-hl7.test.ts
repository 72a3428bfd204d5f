import { expect } from 'chai';
import { fuzzHl7 } from './fuzz-hl7.ts';

describe('random bytes on the MLLP port', () => {
  for (const seed of [20, 21]) {
    it(`never crash the process, stop a connection from taking a good message, or grow memory (seed ${String(seed)}; long run: npm run fuzz)`, async () => {
      const figures = await fuzzHl7({ inputs: 1_000, seed });
      expect(figures.inputs).to.equal(1_000);
      expect(figures.recovered).to.be.greaterThan(0);
    }).timeout(60_000);
  }
});
