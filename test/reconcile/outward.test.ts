import { expect } from 'chai';
import { Command } from 'commander';
import type { Actions } from '../../adapter/cli/actions.ts';
import { addReconcile, type ReconcileAction } from '../../adapter/cli/commands/reconcile.ts';
import { Session } from '../../adapter/cli/session.ts';
import { systemClock } from '../../adapter/ops/system-clock.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import { reconcileOnDemand } from '../../adapter/reconcile/reconcile-on-demand.ts';
import { saveReconciliation, type Reconciliation } from '../../adapter/reconcile/reconciliation-store.ts';
import { CliFolder } from '../cli/harness.ts';
import { PARTS } from '../config/parts.ts';
import { A, startHttp } from '../http/fixture.ts';
import { FakeDestination } from '../support/fake-destination.ts';
import { HOSPITAL, openTestHospital } from '../support/test-hospital.ts';

const RESULT: Reconciliation = {
  institution: A, day: '2026-11-22', destination: 'insurance', ranAt: Date.parse('2026-11-23T01:30:00+08:00'), complete: true, ours: 9, matched: 7, missing: 1, unknownHere: 1, different: 0, late: 1, unread: 0,
  items: [{ kind: 'missing', operation: '3505', key: 'S1', drug: 'YP1', deliveryNo: 7 }, { kind: 'unknown-here', operation: '3505', key: 'X9', drug: 'YP1', detail: '数量 1' }, { kind: 'late', operation: '3505', key: 'S2', drug: 'YP1', deliveryNo: 8, detail: '业务日期 2026-11-20' }],
};

describe('reconciliation, shown', () => {
  it('is read over HTTP by date, yesterday unless told, and only by whoever may see the institution', async () => {
    const http = await startHttp();
    try {
      await http.driver.write((q) => saveReconciliation(q, RESULT));
      const { institution: _, day: __, ...shown } = RESULT;
      const answer = await http.call('/api/v1/reconciliation?date=2026-11-22', { token: http.token('pharmacist') });
      expect(answer.json).to.deep.equal({ institution: A, date: '2026-11-22', destinations: [{ ...shown, ranAt: '2026-11-23T01:30:00+08:00' }] });
      expect((await http.call('/api/v1/reconciliation', { token: http.token('pharmacist') })).json).to.deep.equal({ institution: A, date: '2026-11-21', destinations: [] });
      expect((await http.call(`/api/v1/reconciliation?date=2026-11-22&institution=${A}`, { token: http.token('pharmacist', 'H89990000002') })).status).to.equal(403);
    } finally { await http.close(); }
  });

  const cli = async (words: readonly string[], results: readonly Reconciliation[]): Promise<{ readonly exit: number | undefined; readonly out: string; readonly asked: unknown }> => {
    const folder = new CliFolder();
    folder.write('token.txt', 'synthetic');
    try {
      let out = '';
      let exit: number | undefined;
      let asked: unknown;
      const reconcile: ReconcileAction = (_, wanted) => { asked = wanted; return Promise.resolve(results); };
      const io = {
        out: (text: string) => { out += text; }, err: () => undefined, tty: false, canAsk: false, columns: 100, env: {}, cwd: folder.path, user: 'it-1', now: () => Date.parse('2026-11-22T18:00:00Z'),
        ask: () => Promise.resolve(undefined), untilStopped: () => Promise.resolve(), abandon: () => { throw new Error('abandoned'); },
      };
      const session = new Session({ actions: { reconcile } as unknown as Actions, config: PARTS, version: '1' }, io, 'zh', words.includes('--json'), 'his-trace.yaml');
      const program = new Command().option('--json').exitOverride();
      addReconcile(program, session, (action) => async (...args) => { exit = await action(...args); });
      await program.parseAsync([...words], { from: 'user' });
      return { exit, out, asked };
    } finally { folder.remove(); }
  };

  it('is printed as tables, with exit code 1 when something differs', async () => {
    const found = await cli(['reconcile', '--date', '2026-11-22', '--destination', 'insurance'], [RESULT]);
    expect(found.exit).to.equal(1);
    expect(found.asked).to.deep.include({ date: '2026-11-22', destination: 'insurance' });
    expect(found.out).to.match(/insurance\s+9\s+7\s+1\s+1\s+0\s+1\s+0/).and.match(/missing\s+3505\s+S1\s+YP1/).and.not.match(/S2/);
  });

  it('is one JSON line with --json, of yesterday in China unless told', async () => {
    const found = await cli(['--json', 'reconcile'], [{ ...RESULT, missing: 0, unknownHere: 0, items: [] }]);
    expect([found.exit, (found.asked as { date: string }).date]).to.deep.equal([0, '2026-11-22']);
    expect(JSON.parse(found.out)).to.deep.include({ step: 'reconcile', ok: true, date: '2026-11-22' });
  });

  it('compares on demand every destination that can be read, and names one that is not configured', async () => {
    const readable = Object.assign(new FakeDestination('insurance'), { readBack: () => Promise.resolve({ entries: [], unread: [] }) });
    const hospital = await openTestHospital([readable]);
    try {
      const deps = { driver: hospital.driver, catalogue: { lookup: () => Promise.resolve(new Map()) }, clock: systemClock, log: silentLog, patienceMs: 0 };
      const of = { institutions: [HOSPITAL], destinations: [readable, new FakeDestination('mah')] };
      const on = { institution: HOSPITAL.code, date: '2026-11-22' };
      expect((await reconcileOnDemand(deps, of, on, new AbortController().signal)).map((one) => [one.destination, one.ours, one.complete])).to.deep.equal([['insurance', 0, true]]);
      const error = await reconcileOnDemand(deps, of, { ...on, destination: 'nobody' }, new AbortController().signal).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'DESTINATION_UNKNOWN' });
    } finally { await hospital.stop(); }
  });
});
