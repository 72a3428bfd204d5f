import { expect } from 'chai';
import { exampleConfig } from '../../adapter/config/example-config.ts';
import { settingsMarkdown } from '../../adapter/config/settings-markdown.ts';
import { configOf, PARTS } from './parts.ts';

const SITE_FACTS = { code: 'H35010200001', name: '示范医院', region: '350102', province: 'fujian', level: 3 };

describe('configuration: what is generated from the tables', () => {
  it('writes an example file that is valid as it stands', () => {
    const config = configOf(exampleConfig(PARTS, SITE_FACTS));
    expect(config.institutions).to.deep.equal([{ code: 'H35010200001', name: '示范医院', region: '350102', province: 'fujian', level: 3 }]);
  });

  it('writes entries that are valid once their # is removed', () => {
    const text = exampleConfig(PARTS, SITE_FACTS).replace(/^ {2}# /gm, '  ').replace('"${ENV_NAME}"', '"file:token.txt"');
    const config = configOf(text);
    expect(config.sources.map(({ name }) => name)).to.deep.equal(['his-hl7v2', 'his-rest']);
    expect(config.destinations[0]?.settings).to.include({ baseUrl: 'http://10.1.1.1:20001', token: 'from-a-file' });
  });

  it('says in the Chinese table what a setting means, after its label', () => {
    const table = { keepDays: { kind: 'integer', label: '保留天数', meaning: '单位天', description: 'days' } } as const;
    expect(settingsMarkdown(table, 'zh')).to.contain('| 保留天数：单位天 |');
    expect(settingsMarkdown(table, 'en')).to.contain('| days |');
  });

  it('sets sections and lists flat in the Markdown table, in both languages', () => {
    const table = PARTS.sources[0]?.settings ?? {};
    const english = settingsMarkdown(table, 'en');
    expect(english).to.contain('| `ack.mode` | `original` `enhanced` | `original` | mode |  |');
    expect(english).to.contain('| `idle` | duration ≥ 1s | `1m` | idle time |  |');
    expect(english).to.contain('| `peers[].address` | text | required | address | `10.0.0.5` |');
    expect(settingsMarkdown(table, 'zh')).to.contain('| `port` | 整数 0–65535 | `2575` | 端口 |  |');
    expect(settingsMarkdown(PARTS.destinations[0]?.settings ?? {}, 'en')).to.contain('| `token` | secret, text | required | token | `"${ENV_NAME}"` |');
  });
});
