import { expect } from 'chai';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyOfPack } from '../../adapter/policy/pack-policy.ts';
import { rulesOf } from '../../adapter/policy/check-pack.ts';
import { configuredPolicy } from '../../adapter/policy/configured-policy.ts';
import { loadPack } from '../../adapter/policy/load-pack.ts';
import type { Article } from '../../adapter/ports/province-pack.ts';
import { provinces } from '../../plugins/registry.ts';
import { ourFiles, ROOT } from '../tidy/repository-files.ts';
import { hospitalIn, judgeDay } from './inclusion-day.ts';
import { articlesOf, tight } from './notice-articles.ts';

const ARTICLE_TABLE = /<!-- articles -->\n([\s\S]*?)<!-- \/articles -->/;
const DUTY: Readonly<Record<Article['duty'], string>> = { institution: '本机构', manual: '无法由系统核查', none: '非本机构' };

function tableOf(articles: readonly Article[]): string {
  const rows = articles.map(({ article, duty, rules, tests, note }) => `| ${article} | ${DUTY[duty]} | ${rules.map((id) => `\`${id}\``).join(' ')} | ${note} | ${tests.join('; ')} |\n`);
  return `| 条款 | 职责 | 规则 | 处理 | 测试 |\n|---|---|---|---|---|\n${rows.join('')}`;
}

describe('province packs', () => {
  const testTexts = ourFiles().filter((path) => /^test\/(policy|plugins\/province-[a-z]+|emergency|checks)\/.*\.test\.ts$/.test(path)).map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n');

  it('names every province folder once', () => {
    const folders = readdirSync(join(ROOT, 'plugins')).filter((name) => name.startsWith('province-'));
    expect(provinces.map(({ folder }) => folder).sort()).to.deep.equal(folders.sort());
    for (const { name, folder } of provinces) expect(folder).to.equal(`province-${name}`);
  });

  for (const province of provinces) {
    describe(province.name, () => {
      const { pack, articles } = loadPack(province);
      const folder = join(ROOT, 'plugins', province.folder);
      const notice = articlesOf(readFileSync(join(folder, 'notice.txt'), 'utf8'));

      it('has something to say about every article of the notice, and about no other', () => {
        expect(notice.size).to.be.greaterThan(10);
        expect(articles.map(({ article }) => article)).to.deep.equal([...notice.keys()]);
      });

      it('quotes each article in the words of the notice', () => {
        for (const { article, quote } of articles) expect(tight(notice.get(article) ?? ''), article).to.contain(tight(quote));
      });

      it('cites with every rule an article the notice has', () => {
        for (const { id, article } of rulesOf(pack)) expect(notice.has(article), `${id} cites ${article}`).to.equal(true);
      });

      it('holds every duty of the institution by a rule and a test that exists', () => {
        for (const { article, tests, duty, rules } of articles) {
          if (duty !== 'institution') continue;
          expect(rules, article).not.to.be.empty;
          for (const title of tests) expect(testTexts.includes(title) || testTexts.includes(title.replace(province.name, '${province}')), `${article}: ${title}`).to.equal(true);
        }
      });

      it('leaves out of its duties only articles that speak to others', () => {
        const ours = [...notice].filter(([, text]) => /医疗卫生机构追溯|医疗机构要|医疗机构应/.test(text)).map(([article]) => article);
        for (const article of ours) expect(articles.find((one) => one.article === article)?.duty, article).not.to.equal('none');
      });

      it('prints the table of its articles in its README', () => {
        const path = join(folder, 'README.md');
        const text = readFileSync(path, 'utf8');
        if (process.env['UPDATE_SNAPSHOTS'] === '1') writeFileSync(path, text.replace(ARTICLE_TABLE, () => `<!-- articles -->\n${tableOf(articles)}<!-- /articles -->`));
        expect(ARTICLE_TABLE.exec(readFileSync(path, 'utf8'))?.[1]).to.equal(tableOf(articles));
      });
    });
  }
});

describe('a third province', () => {
  let plugins = '';
  beforeEach(() => { plugins = mkdtempSync(join(tmpdir(), 'his-trace-province-')); });
  afterEach(() => { rmSync(plugins, { recursive: true, force: true }); });

  const PLANTED = {
    name: 'planted', title: '示例省', notice: { number: '示例〔2027〕1号', title: '示例' },
    starts: [{ id: 'start', article: '一', regime: 'mah', levels: [3], from: '2026-10-01' }],
    exemptions: [{ id: 'no-injections', article: '一', from: '2026-10-01', until: '2026-10-01', regimes: ['mah', 'insurance'], match: { form: ['注射'] }, reason: '除外：注射剂' }],
    emergency: { id: 'hours', article: '二', hours: 24 },
    shelving: { id: 'shelf', article: '二', onMismatch: 'block' }, feedback: { id: 'feedback', article: '二', toSupplier: false }, retention: { id: 'keep', article: '二', mayAlter: false },
    severities: [{ id: 'strict', article: '二', findings: ['CODE_NOT_IN_STOCK'], severity: 'block' }], duties: [],
  };
  const ARTICLES = [
    { article: '一', quote: '一', duty: 'institution', rules: ['start', 'no-injections'], tests: ['t'], note: 'n' },
    { article: '二', quote: '二', duty: 'institution', rules: ['hours', 'shelf', 'feedback', 'keep', 'strict'], tests: ['t'], note: 'n' },
  ];
  const plant = (pack: unknown, articles: unknown = ARTICLES): void => {
    const folder = join(plugins, 'province-planted');
    cpSync(join(ROOT, 'plugins/province-fujian'), folder, { recursive: true });
    writeFileSync(join(folder, 'pack.json'), JSON.stringify(pack));
    writeFileSync(join(folder, 'articles.json'), JSON.stringify(articles));
    expect(existsSync(join(folder, 'index.ts'))).to.equal(true);
  };
  const load = (): ReturnType<typeof loadPack> => loadPack({ name: 'planted', folder: 'province-planted' }, plugins);

  it('is one folder: its rules decide without a line of code', () => {
    plant(PLANTED);
    const policy = configuredPolicy([load().pack]);
    const verdicts = judgeDay(policy, hospitalIn('planted', 3));
    expect(verdicts.get('dispense/3')).to.equal('除外：注射剂（示例〔2027〕1号 一）');
    expect(verdicts.get('dispense/2')).to.equal(undefined);
    expect(judgeDay(policy, hospitalIn('planted', 2), 'mah').get('dispense/1')).to.equal('2级医疗机构不在实施范围内（示例〔2027〕1号 一）');
    expect(policy.rulesAt(hospitalIn('planted', 3), Date.parse('2026-10-01T00:00:00+08:00'))).to.deep.include({ emergencyHours: 24, onMismatch: 'block', feedBackToSupplier: false });
    expect(policy.severityOf({ institution: hospitalIn('planted'), finding: 'CODE_NOT_IN_STOCK', stage: 'scan', purpose: 'stock' })).to.equal('block');
  });

  it('keeps a rule to its days', () => {
    plant({ ...PLANTED, exemptions: [{ ...PLANTED.exemptions[0], from: '2026-10-02', until: '2026-12-31' }] });
    expect(judgeDay(policyOfPack(load().pack), hospitalIn('planted', 3), 'mah').get('dispense/3')).to.equal(undefined);
  });

  const spoilt: readonly [string, object, readonly unknown[] | undefined, string][] = [
    ['a mistyped condition', { exemptions: [{ ...PLANTED.exemptions[0], match: { forms: ['注射'] } }] }, undefined, 'exemptions[0].match is not valid'],
    ['an exemption that would fit everything', { exemptions: [{ ...PLANTED.exemptions[0], match: {} }] }, undefined, 'exemptions[0].match is not valid'],
    ['a day that is none', { starts: [{ ...PLANTED.starts[0], from: '2026-02-30' }] }, undefined, 'starts[0].from is not valid'],
    ['a finding nobody makes', { severities: [{ ...PLANTED.severities[0], findings: ['CODE_ODD'] }] }, undefined, 'severities[0].findings is not valid'],
    ['a rule without its article', {}, ARTICLES.slice(0, 1), 'hours cites 二, which does not name it'],
    ['a duty without a test', {}, [{ ...ARTICLES[0], tests: [] }, ARTICLES[1]], 'a duty of the institution without rule or test'],
    ['a name that is another’s', { name: 'fujian' }, undefined, 'pack.json.name is not valid'],
    ['the same rule twice', { starts: [PLANTED.starts[0], PLANTED.starts[0]] }, undefined, 'start stands twice'],
  ];
  for (const [what, changes, articles, fault] of spoilt) {
    it(`is refused with ${what}`, () => {
      plant({ ...PLANTED, ...changes }, articles);
      expect(load).to.throw(fault);
    });
  }
});
