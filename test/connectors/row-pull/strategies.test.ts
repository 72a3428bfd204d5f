import { expect } from 'chai';
import type { PullSettings } from '../../../connectors/shared/row-pull/settings.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { waitFor } from '../../support/wait-for.ts';
import { FULL_PULL, KnowingIntake, makeRowSource, memoryCounters } from './pull-fixture.ts';
import { ScriptedHis } from './scripted-his.ts';

const STRATEGIES: readonly (readonly [string, Partial<PullSettings>])[] = [
  ['time-window', { strategy: 'time-window', lookBack: 60_000 }],
  ['anti-join with a side table', { strategy: 'anti-join', sideTable: 'taken' }],
  ['anti-join with a read-only account', { strategy: 'anti-join', lookBack: 60_000 }],
  ['send-flag', { strategy: 'send-flag' }],
  ['rowversion', { strategy: 'rowversion' }],
  ['scn', { strategy: 'scn', scnTable: 'lines' }],
  ['change-tracking', { strategy: 'change-tracking', changeTable: 'lines' }],
];

const EVENTS = FULL_PULL ? 4_500 : 900;

async function pullAll(his: ScriptedHis, settings: Partial<PullSettings>, restartEvery?: number): Promise<{ readonly intake: KnowingIntake; readonly restarts: number }> {
  const intake = new KnowingIntake();
  const counters = memoryCounters();
  let restarts = 0;
  const open = (): ReturnType<typeof makeRowSource>['source'] => makeRowSource({ db: his, intake, counters, settings }).source;
  let source = open();
  await source.start();
  let next = restartEvery ?? Infinity;
  await waitFor('every event taken', async () => {
    if (his.statements >= next) {
      next = his.statements + (restartEvery ?? Infinity);
      await source.stop();
      restarts += 1;
      source = open();
      await source.start();
    }
    return his.finished && intake.accepted.size >= his.expected.size;
  }, 60_000);
  // what is read afterwards again must be known
  const seen = his.statements;
  await waitFor('some more polls', () => his.statements > seen + 10);
  await source.stop();
  return { intake, restarts };
}

function expectWhole(his: ScriptedHis, intake: KnowingIntake): void {
  expect(his.rows).to.be.greaterThan(FULL_PULL ? 10_000 : 2_000);
  expect([...his.expected].filter((id) => !intake.accepted.has(id)), 'lost').to.deep.equal([]);
  expect(intake.accepted.size, 'made up').to.equal(his.expected.size);
  expect(intake.conflicts, 'taken in part').to.deep.equal([]);
}

describe('row pull: strategies with concurrent writers and late commits', function () {
  this.timeout(120_000);
  STRATEGIES.forEach(([name, settings], at) => {
    it(`${name} loses no row and takes none in part`, async () => {
      const his = new ScriptedHis({ events: EVENTS, random: seededRandom(at + 1), longest: 30 });
      const { intake } = await pullAll(his, settings);
      expectWhole(his, intake);
    });

    it(`${name} loses nothing when the line is cut and the service restarted in the middle of pages`, async () => {
      const his = new ScriptedHis({ events: EVENTS, random: seededRandom(at + 11), longest: 30 });
      const random = seededRandom(at + 21);
      his.fault = () => (random() < 0.05 ? (random() < 0.5 ? 'before' : 'after') : undefined);
      const { intake, restarts } = await pullAll(his, settings, FULL_PULL ? 60 : 12);
      expect(restarts).to.be.greaterThan(2);
      expectWhole(his, intake);
    });
  });

  it('shows that the script bites: a window that looks back less than transactions last loses late commits', async () => {
    const his = new ScriptedHis({ events: 1_500, random: seededRandom(5), longest: 30 });
    const intake = new KnowingIntake();
    const { source } = makeRowSource({ db: his, intake, counters: memoryCounters(), settings: { strategy: 'time-window', lookBack: 1, deepLookBack: 1 } });
    await source.start();
    await waitFor('the writers to end', () => his.finished);
    const seen = his.statements;
    await waitFor('some more polls', () => his.statements > seen + 20);
    await source.stop();
    expect(intake.accepted.size).to.be.lessThan(his.expected.size);
  });
});
