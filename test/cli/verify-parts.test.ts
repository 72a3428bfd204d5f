import { expect } from 'chai';
import { loadConfig } from '../../adapter/config/load.ts';
import type { Parts } from '../../adapter/context.ts';
import { verifyParts } from '../../adapter/verify-parts.ts';
import { interpretJson, INTERPRETER, readEvents } from '../../connectors/his-rest/index.ts';
import { destinations, sources } from '../../connectors/registry.ts';
import { mappings } from '../../mappings/registry.ts';
import { SITE } from '../config/parts.ts';

const PARTS: Parts = { sources, destinations, mappings, rest: { interpreter: INTERPRETER, read: readEvents }, interpretRest: interpretJson };

async function problemsOf(billTypes: string): Promise<readonly string[]> {
  const text = `${SITE}sources: { his-hl7: { connector: his-hl7v2 } }\ndestinations:\n  insurance: { connector: nhsa, baseUrl: "http://127.0.0.1:9", operator: { code: "1", name: n } }\n  mah: { connector: mah-alihealth, gateway: "http://127.0.0.1:9", appKey: "1", appSecret: "\${S}", billTypes: ${billTypes} }\n`;
  const loaded = loadConfig(text, { env: { S: 'x' }, readFile: () => '', parts: PARTS });
  if (loaded.ok === undefined) throw new Error(loaded.problems.map(({ path, reason }) => `${path} ${reason}`).join('\n'));
  return (await verifyParts(loaded.ok, PARTS)).map(({ path, detail }) => `${path} ${detail}`);
}

describe('what connectors say of their own settings', () => {
  it('finds nothing wrong with a good configuration, and opens nothing for it', async () => {
    expect(await problemsOf('{ stock-gain: "111" }')).to.deep.equal([]);
  });

  it('names a bill type that is none before anything is started', async () => {
    const [only, ...more] = await problemsOf('{ dispense: "321" }');
    expect(more).to.deep.equal([]);
    expect(only).to.match(/^destinations\.mah billTypes\.dispense：“321”/);
  });
});
