import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { configOf, configText } from './fixture.ts';
import { playPlanted, STATION_FIRST } from './planted.ts';
import { socketsOpenedBy } from './sockets.ts';

const sha = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('dry run: planted differences', function () {
  this.timeout(120_000);

  it('lists exactly the 37 planted differences of a changed mapping among all stored events, opens no socket and leaves the store as it is', async () => {
    const { store, ids } = await playPlanted(1_500, 37);
    try {
      const before = sha(store.path);
      const config = configOf(configText('mappingFile: "m.yaml"'), { 'm.yaml': STATION_FIRST });
      const used = await socketsOpenedBy(async () => {
        const run = await store.dryRun(config);
        expect(run.found.map(({ eventId }) => eventId)).to.deep.equal(ids);
        expect(run).to.deep.include({ events: 1_500, differing: 37, differences: 37, byKind: { field: 37 }, notComparable: {} });
        expect(run.found[0]?.differences).to.deep.equal([{ kind: 'field', what: 'location', before: '西药房', after: '急诊药房' }]);
      });
      expect(used).to.deep.equal([]);
      expect(sha(store.path)).to.equal(before);
      expect(readdirSync(store.folder).filter((name) => name !== 'store.db')).to.satisfy((rest: readonly string[]) => rest.every((name) => /^store\.db-(wal|shm)$/.test(name) && (name.endsWith('shm') || readFileSync(`${store.folder}/${name}`).length === 0)));
    } finally {
      await store.remove();
    }
  });

  it('finds no difference under the configuration that was really used', async () => {
    const { store } = await playPlanted(400, 7);
    try {
      expect(await store.dryRun(configOf(configText()))).to.deep.include({ events: 400, differing: 0, differences: 0, byKind: {} });
    } finally {
      await store.remove();
    }
  });

  it('notices a socket when one is opened: the proof above proves something', async () => {
    const used = await socketsOpenedBy(async () => { await Promise.resolve(); expect(() => net.connect(9, '127.0.0.1')).to.throw('was used'); });
    expect(used).to.deep.equal(['connect']);
  });
});
