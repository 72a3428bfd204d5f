import { expect } from 'chai';
import { expandPending } from '../../adapter/packages/expand-pending.ts';
import { loadTree, markPending, saveNodes } from '../../adapter/packages/tree-store.ts';
import { silentLog } from '../../adapter/ports/log.ts';
import type { SqlDriver } from '../../adapter/ports/sql-driver.ts';
import type { Expansion, UpstreamAccess, UpstreamAnswer } from '../../adapter/ports/upstream.ts';
import { migrate } from '../../adapter/store/migrate.ts';
import { onEachStore } from '../support/stores.ts';
import { HOSPITAL, packCode } from '../support/test-hospital.ts';

const CARTON = packCode(1, '8999101');
const UNITS = [1, 2, 3].map((serial) => packCode(serial));
const H = HOSPITAL.code;
const opened = (units: readonly string[], isWhole = true): Expansion => ({
  notReady: [],
  expanded: [{
    code: CARTON, level: 2, smallest: units, declaredPacks: '3', isWhole, tree: [{ code: CARTON, level: 2, parent: '' }, ...units.map((code) => ({ code, level: 1 as const, parent: CARTON }))],
    drug: { drugName: '', spec: '', packSpec: '', approvalNo: '', lot: '', producedOn: '', expiresOn: '' },
  }],
});

onEachStore((open) => {
  describe('packages: expansion of pending cartons', () => {
    let driver: SqlDriver;
    let clock: { ms: number };
    let asked: number;
    beforeEach(async () => {
      driver = await open();
      await migrate(driver);
      clock = { ms: 1_000_000 };
      asked = 0;
      await driver.write((q) => markPending(q, H, [{ code: CARTON, level: 2, packs: 3 }], clock.ms));
    });
    const expand = (answer: UpstreamAnswer<Expansion>): ReturnType<typeof expandPending> => {
      const upstream: Pick<UpstreamAccess, 'expand'> = { expand: () => { asked += 1; return Promise.resolve(answer); } };
      return expandPending({ driver, upstream, log: silentLog, clock: { now: () => clock.ms, sleep: () => Promise.resolve() } }, HOSPITAL, new AbortController().signal);
    };
    const kindOf = async (): Promise<string> => (await driver.read((q) => loadTree(q, H, [CARTON]))).expand(CARTON).kind;

    it('keeps what the platform opened, and asks no more', async () => {
      expect(await expand({ kind: 'found', value: opened(UNITS), evidence: [] })).to.deep.equal({ opened: 1, waiting: 0, broken: 0 });
      const tree = await driver.read((q) => loadTree(q, H, [UNITS[2] ?? '']));
      expect(tree.expand(CARTON)).to.deep.equal({ kind: 'whole', units: UNITS });
      await expand({ kind: 'none', evidence: [] });
      expect(asked).to.equal(1);
    });

    it('asks again later and later, and gives the carton up after a day: its packs are scanned singly', async () => {
      for (let round = 0; round < 60 && await kindOf() === 'pending'; round += 1) {
        await expand({ kind: 'not-ready', why: '单据未处理', retryAfterMs: 1, evidence: [] });
        clock.ms += 3_600_000;
      }
      expect([await kindOf(), asked]).to.deep.equal(['broken', 30]);
    });

    it('never gives a carton up because the platform cannot be reached', async () => {
      for (let round = 0; round < 40; round += 1) {
        await expand({ kind: 'unavailable', reason: 'UNREACHABLE', detail: '', evidence: [] } as unknown as UpstreamAnswer<Expansion>);
        clock.ms += 3_600_000;
      }
      expect(await kindOf()).to.equal('pending');
    });

    it('falls back to single packs at once where the platform will never tell, or tells another number than declared', async () => {
      await expand({ kind: 'found', value: opened(UNITS.slice(0, 2), false), evidence: [] });
      expect(await kindOf()).to.equal('broken');
      await driver.write((q) => markPending(q, H, [{ code: packCode(9, '8999101'), level: 2 }], clock.ms));
      expect(await expand({ kind: 'not-granted', operation: 'query.relation', why: '无权限', evidence: [] })).to.deep.include({ broken: 1 });
    });

    it('mends a broken carton by an import file', async () => {
      await expand({ kind: 'none', evidence: [] });
      await driver.write((q) => saveNodes(q, H, [{ code: CARTON, level: 2 }, ...UNITS.map((code) => ({ code, level: 1 as const, parent: CARTON }))], { origin: 'file', atMs: 2 }));
      expect(await kindOf()).to.equal('whole');
    });
  });
});
