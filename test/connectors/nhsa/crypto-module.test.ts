import { expect } from 'chai';
import type { ChinaCrypto } from '../../../adapter/ports/china-crypto.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import { nhsa } from '../../../connectors/nhsa/index.ts';
import { createSoftwareChinaCrypto } from '../../../connectors/shared/china-crypto/software-china-crypto.ts';
import { startSandbox } from '../../../plugins/sandbox/index.ts';
import { HOSPITAL, NEVER, sales, settingsWith, TestClock, TestCounters } from './fixtures.ts';
import { variants } from './regions.ts';

describe('nhsa: cryptography of a module', () => {
  it('signs and seals with the module it is given instead of the software', async () => {
    const variant = variants().find(({ title }) => title === 'national, signed and sealed');
    if (variant === undefined) throw new Error('no variant');
    const software = createSoftwareChinaCrypto();
    const used = { signed: 0, sealed: 0, labels: [] as string[] };
    // a module that keeps its keys: the setting is the label of a key inside it
    const crypto: ChinaCrypto = {
      ...software, name: 'module',
      readPrivateKey: (text, name) => { used.labels.push(text); return software.readPrivateKey(String(variant.settings['signKey']), name); },
      sm2Sign: (message, options) => { used.signed += 1; return software.sm2Sign(message, options); },
      sm4Encrypt: (plain, options) => { used.sealed += 1; return software.sm4Encrypt(plain, options); },
    };
    const clock = new TestClock();
    const sandbox = await startSandbox({ insurance: variant.sandbox, now: () => clock.at });
    const destination = nhsa.create({
      name: 'insurance', settings: settingsWith({ baseUrl: sandbox.insurance.url, ...variant.settings, signKey: 'hsm:hospital-sign' }), institutions: [HOSPITAL], clock, log: silentLog,
      counters: new TestCounters(), count: () => undefined, crypto,
    });
    try {
      expect((await destination.send(sales(1, destination), { signal: NEVER })).map((result) => result.kind)).to.deep.equal(['accepted']);
      expect(used).to.deep.equal({ signed: 2, sealed: 2, labels: ['hsm:hospital-sign'] });
    } finally {
      await destination.stop();
      await sandbox.stop();
    }
  });
});
