import { expect } from 'chai';
import { silentLog } from '../../../adapter/ports/log.ts';
import { boundsOf } from '../../../connectors/shared/row-pull/bounds.ts';
import { planOf, settingsProblem } from '../../../connectors/shared/row-pull/plan.ts';
import type { Position } from '../../../connectors/shared/row-pull/position.ts';
import type { PullSettings } from '../../../connectors/shared/row-pull/settings.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { waitFor } from '../../support/wait-for.ts';
import { KnowingIntake, makeRowSource, memoryCounters, PULL_DEFAULTS } from './pull-fixture.ts';
import { ScriptedHis } from './scripted-his.ts';

const SETTINGS = { strategy: 'change-tracking', changeTable: 'lines' } as const;

async function pullWhile(his: ScriptedHis, settings: Partial<PullSettings>, meanwhile: () => void): Promise<{ readonly intake: KnowingIntake; readonly warnings: readonly string[] }> {
  const intake = new KnowingIntake();
  const warnings: string[] = [];
  const { source } = makeRowSource({ db: his, intake, counters: memoryCounters(), settings: { ...SETTINGS, ...settings }, log: { ...silentLog, warn: (text: string) => { warnings.push(text); } } });
  await source.start();
  await waitFor('every event taken', () => {
    meanwhile();
    return his.finished && intake.accepted.size >= his.expected.size;
  }, 60_000);
  await source.stop();
  expect([...his.expected].filter((id) => !intake.accepted.has(id)), 'lost').to.deep.equal([]);
  expect(intake.conflicts).to.deep.equal([]);
  return { intake, warnings };
}

describe('row pull: change tracking', function () {
  this.timeout(60_000);

  it('reads by time once when the server no longer keeps the changes, says so, and goes on by changes', async () => {
    const his = new ScriptedHis({ events: 1_500, random: seededRandom(3), longest: 30 });
    let next = 20;
    const { warnings } = await pullWhile(his, {}, () => {
      if (his.statements < next) return;
      next = his.statements + 40;
      his.forgetChanges();
    });
    expect(warnings.filter((text) => text.includes('no longer kept')).length).to.be.greaterThan(0);
  });

  it('reads by time as long as the table is not tracked, says so once, and takes up the changes when it is', async () => {
    const his = new ScriptedHis({ events: 1_500, random: seededRandom(4), longest: 30 });
    his.tracked = false;
    const { warnings } = await pullWhile(his, {}, () => { if (his.statements > 60) his.tracked = true; });
    expect(warnings.filter((text) => text.includes('not tracked'))).to.have.length(1);
  });

  const position = async (his: ScriptedHis, from: Position, settings: Partial<PullSettings> = {}): ReturnType<typeof boundsOf> => {
    const all = { ...PULL_DEFAULTS, ...SETTINGS, ...settings };
    return boundsOf(from, { db: his, plan: planOf(all, await his.columns()), settings: all, deep: false, signal: new AbortController().signal });
  };

  it('starts now at the present version, and from the beginning by time', async () => {
    const his = new ScriptedHis({ events: 50, random: seededRandom(1), longest: 0 });
    const now = await position(his, {}, { startAt: 'now' });
    expect([now.sweep.lower, now.sweep.window, now.notice]).to.deep.equal([now.sweep.upper, undefined, undefined]);
    const all = await position(his, {}, { startAt: 'beginning' });
    expect([all.sweep.lower, all.sweep.window, all.notice]).to.deep.equal([undefined, true, undefined]);
  });

  it('reads by time when the database was brought back from a copy, from before the remembered moment', async () => {
    const his = new ScriptedHis({ events: 50, random: seededRandom(1), longest: 0 });
    const { sweep, notice } = await position(his, { since: '999999', at: '2026-11-22 08:00:00.000' });
    expect(notice).to.match(/went back/);
    expect(sweep.window).to.equal(true);
    expect(sweep.lower).to.equal('2026-11-21 08:00:00.000');
  });

  it('is refused where it cannot work', () => {
    const his = new ScriptedHis({ events: 0, random: seededRandom(1), longest: 0 });
    const { changes: _none, ...without } = his.dialect;
    expect(settingsProblem({ ...PULL_DEFAULTS, ...SETTINGS }, without)).to.match(/SQL Server/);
    expect(settingsProblem({ ...PULL_DEFAULTS, strategy: 'change-tracking' }, his.dialect)).to.match(/changeTable/);
  });
});

describe('row pull: versions', () => {
  it('reads everything again, and says so, when the versions of a database went back', async () => {
    const his = new ScriptedHis({ events: 50, random: seededRandom(1), longest: 0 });
    const settings = { ...PULL_DEFAULTS, strategy: 'rowversion' } as const;
    const { sweep, notice } = await boundsOf({ since: '0x00000000ffffffff' }, { db: his, plan: planOf(settings, await his.columns()), settings, deep: false, signal: new AbortController().signal });
    expect(sweep.lower).to.equal(undefined);
    expect(notice).to.match(/went back/);
  });
});
