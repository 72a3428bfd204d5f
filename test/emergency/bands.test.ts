import { expect } from 'chai';
import { bandsReached, bandsToTell, dueAt, hoursPassed } from '../../adapter/emergency/bands.ts';

const HOUR = 3_600_000;
const clock = { startedAt: 1_000, hours: 48 };
const after = (hours: number): number => clock.startedAt + hours * HOUR;

describe('emergency: bands', () => {
  it('warns after 24, 40 and 47 hours and is overdue after 48', () => {
    const first = [23.999, 24, 39.999, 40, 46.999, 47, 47.999, 48].map((hours) => bandsReached(clock, after(hours)).map((band) => hoursPassed(clock, band)));
    expect(first).to.deep.equal([[], [24], [24], [40, 24], [40, 24], [47, 40, 24], [47, 40, 24], [48, 47, 40, 24]]);
    expect(dueAt(clock)).to.equal(after(48));
  });

  it('says each band once, the gravest first, wherever the clock goes', () => {
    expect(bandsToTell(clock, new Set(), after(41))).to.deep.equal([8, 24]);
    expect(bandsToTell(clock, new Set([8, 24]), after(41))).to.deep.equal([]);
    expect(bandsToTell(clock, new Set([8, 24]), after(23))).to.deep.equal([]);
    expect(bandsToTell(clock, new Set([8]), after(100))).to.deep.equal([0, 1, 24]);
  });

  it('has no warning before a short clock began', () => {
    expect(bandsReached({ startedAt: 0, hours: 24 }, HOUR)).to.deep.equal([]);
    expect(bandsReached({ startedAt: 0, hours: 24 }, 16 * HOUR)).to.deep.equal([8]);
    expect(bandsReached({ startedAt: 0, hours: 1 }, HOUR)).to.deep.equal([0]);
  });
});
