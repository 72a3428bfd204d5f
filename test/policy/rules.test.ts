import { expect } from 'chai';
import { parseYamlTree } from '../../adapter/config/yaml-tree.ts';
import type { ConfigProblem } from '../../adapter/config/problem.ts';
import { configuredPolicy } from '../../adapter/policy/configured-policy.ts';
import { loadPack } from '../../adapter/policy/load-pack.ts';
import { readRules } from '../../adapter/policy/read-rules.ts';
import type { RuleOverrides } from '../../adapter/policy/settings.ts';
import { provinces } from '../../plugins/registry.ts';
import { hospitalIn, judgeDay } from './inclusion-day.ts';

const packs = provinces.map((province) => loadPack(province).pack);
const hebei = hospitalIn('hebei', 3);
const other = { ...hebei, code: 'H89990000002' };

function read(yaml: string, institutions = [hebei, other]): { readonly rules: RuleOverrides; readonly problems: readonly ConfigProblem[] } {
  const root = parseYamlTree(yaml).root;
  const problems: ConfigProblem[] = [];
  const node = root?.kind === 'map' ? root.entries.find(({ key }) => key === 'rules')?.value : undefined;
  return { rules: readRules(node, { line: 1, path: 'rules' }, { env: {}, readFile: () => '', problems }, { institutions, packs }), problems };
}

describe('policy: rules of the hospital’s own', () => {
  it('departs from the pack where a reason is given, for one institution or for all', () => {
    const { rules, problems } = read(`rules:
  exemptions:
    - { rule: exempt-split, reason: 试点拆零上报, institution: H89990000001 }
  starts: { value: "2025-12-01", reason: 提前试运行 }
  emergencyHours: { value: 24, reason: 院内要求更严 }
  onMismatch: { value: record, reason: 由药库主任复核, institution: H89990000002 }
  severities:
    - { finding: CODE_NOT_IN_STOCK, purpose: dispense, value: block, reason: 院内规定 }
`);
    expect(problems).to.deep.equal([]);
    const policy = configuredPolicy(packs, rules);
    expect(judgeDay(policy, hebei, 'mah').get('dispense/2')).to.equal(undefined);
    expect(judgeDay(policy, other, 'mah').get('dispense/2')).to.contain('需拆零发放');
    expect(judgeDay(policy, hebei, 'mah').get('dispense-2025-12-31/1')).to.equal(undefined);
    expect(policy.rulesAt(hebei, 0)).to.deep.include({ emergencyHours: 24, onMismatch: 'block' });
    expect(policy.rulesAt(other, 0)).to.deep.include({ emergencyHours: 24, onMismatch: 'record' });
    expect(policy.rulesAt(other, 0).articles.onMismatch).to.equal(undefined);
    expect(policy.severityOf({ institution: hebei, finding: 'CODE_NOT_IN_STOCK', stage: 'scan', purpose: 'dispense' })).to.equal('block');
    expect(policy.severityOf({ institution: hebei, finding: 'CODE_NOT_IN_STOCK', stage: 'event', purpose: 'dispense' })).to.equal(undefined);
  });

  it('cites the hospital, not the notice, for a start of its own', () => {
    const { rules } = read('rules:\n  starts: { value: "2027-01-01", reason: 系统改造 }\n');
    expect(judgeDay(configuredPolicy(packs, rules), hebei, 'mah').get('dispense/1')).to.equal('2027-01-01 起实施，业务发生在此之前（医院规定）');
    expect(judgeDay(configuredPolicy(packs, rules), hospitalIn('national'), 'mah').get('dispense/1')).to.equal('2027-01-01 起实施，业务发生在此之前（医院规定）');
  });

  it('takes an empty section as no departure', () => {
    expect(read('rules:\n').rules).to.deep.equal({ exemptions: [], starts: [], emergencyHours: [], onMismatch: [], severities: [] });
  });

  const WRONG: readonly [string, string, number, RegExp][] = [
    ['a departure without a reason', '  emergencyHours: { value: 24 }', 2, /reason/],
    ['a blank reason', '  emergencyHours: { value: 24, reason: " " }', 2, /reason/],
    ['an exemption no pack has', '  exemptions:\n    - { rule: exempt-splits, reason: 试点 }', 3, /exempt-splits/],
    ['a date that is none', '  starts:\n    - { value: "2026-02-30", reason: 试点 }', 3, /不是日期/],
    ['an institution that is not configured', '  onMismatch: { value: block, reason: 更严, institution: H00000000000 }', 2, /没有配置/],
    ['the same thing twice', '  emergencyHours:\n    - { value: 24, reason: 更严 }\n    - { value: 36, reason: 更宽 }', 4, /重复/],
    ['a finding nobody makes', '  severities: { finding: CODE_ODD, value: warn, reason: 院内 }', 2, /CODE_ODD/],
    ['an unknown key', '  emergencyHour: { value: 24, reason: 更严 }', 2, /emergencyHour/],
  ];
  for (const [what, yaml, line, words] of WRONG) {
    it(`refuses ${what}, with its line and a remedy`, () => {
      const { problems } = read(`rules:\n${yaml}\n`);
      expect(problems).to.have.length(1);
      expect(problems[0]?.line).to.equal(line);
      expect(`${problems[0]?.path ?? ''} ${problems[0]?.reason ?? ''}`).to.match(words);
      expect(problems[0]?.remedy).not.to.equal('');
    });
  }
});
