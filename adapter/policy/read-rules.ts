import { nearestName } from '../config/nearest-name.ts';
import { problemAt, type Place, type ProblemText } from '../config/problem.ts';
import { readSettings } from '../config/settings-table.ts';
import type { Reading } from '../config/substitute.ts';
import type { YamlNode } from '../config/yaml-tree.ts';
import { isCalendarDate } from '../domain/china-time.ts';
import type { Institution } from '../ports/institution.ts';
import type { ProvincePack } from '../ports/province-pack.ts';
import { RULES_TABLE, type RuleOverrides } from './settings.ts';

/**
 * Reads and checks `rules:`. Every problem is noted in `reading.problems`: a departure without a reason, an exemption no pack of
 * the institutions has, an institution that is not configured, a date that is none, the same thing said twice.
 */
export function readRules(node: YamlNode | undefined, place: Place, reading: Reading, given: { readonly institutions: readonly Institution[]; readonly packs: readonly ProvincePack[] }): RuleOverrides {
  const rules = readSettings(RULES_TABLE, node, place, reading);
  const note = (key: keyof RuleOverrides, at: number, text: ProblemText): void => { reading.problems.push(problemAt({ line: lineOf(node, key, at) ?? place.line, path: `${place.path}.${key}[${String(at)}]` }, text)); };
  const ids = given.packs.filter(({ name }) => given.institutions.some(({ province }) => province === name)).flatMap(({ exemptions }) => exemptions.map(({ id }) => id));
  // a list that could not be read has its problem already
  rules.exemptions.forEach((entry, at) => { if ((entry.rule as string | undefined) !== undefined && !ids.includes(entry.rule)) note('exemptions', at, unknownRule(entry.rule, ids)); });
  rules.starts.forEach((entry, at) => { if ((entry.value as string | undefined) !== undefined && !isCalendarDate(entry.value)) note('starts', at, noDate(entry.value)); });
  for (const [key, keyOf] of Object.entries(KEYS) as readonly [keyof RuleOverrides, (entry: never) => string][]) {
    const seen = new Set<string>();
    rules[key].forEach((entry, at) => {
      const { institution } = entry;
      if (institution !== undefined && !given.institutions.some(({ code }) => code === institution)) note(key, at, unknownInstitution(institution));
      const subject = `${institution ?? '*'} ${keyOf(entry as never)}`;
      if (seen.has(subject)) note(key, at, SAID_TWICE);
      seen.add(subject);
    });
  }
  return rules;
}

/** What two entries of a list must not share. */
const KEYS: { readonly [K in keyof RuleOverrides]: (entry: RuleOverrides[K][number]) => string } = {
  exemptions: ({ rule }) => rule, starts: ({ regime }) => regime, emergencyHours: () => '', onMismatch: () => '', severities: ({ finding, stage, purpose }) => `${finding} ${stage} ${purpose ?? '*'}`,
};

function lineOf(node: YamlNode | undefined, key: string, at: number): number | undefined {
  const list = node?.kind === 'map' ? node.entries.find((entry) => entry.key === key) : undefined;
  return list?.value.kind === 'list' ? list.value.items[at]?.line : list?.line;
}

function unknownRule(rule: string, ids: readonly string[]): ProblemText {
  const near = nearestName(rule, ids);
  const listed = ids.length === 0 ? '（机构没有使用省级规则包）' : ids.join('、');
  return {
    reason: { zh: `规则包中没有除外规则 "${rule}"`, en: `no pack in use has an exemption "${rule}"` },
    remedy: near === undefined ? { zh: `可写：${listed}`, en: `known: ${ids.length === 0 ? '(no pack in use)' : ids.join(', ')}` } : { zh: `是否想写 ${near}？`, en: `did you mean ${near}?` },
  };
}

function noDate(value: string): ProblemText {
  return { reason: { zh: `"${value}" 不是日期`, en: `"${value}" is no date` }, remedy: { zh: '写成 yyyy-MM-dd', en: 'write it as yyyy-MM-dd' } };
}

function unknownInstitution(code: string): ProblemText {
  return { reason: { zh: `机构 "${code}" 没有配置`, en: `institution "${code}" is not configured` }, remedy: { zh: '写 institutions 中的机构编号，或删除 institution', en: 'name a code of institutions, or leave institution out' } };
}

const SAID_TWICE: ProblemText = { reason: { zh: '同一内容重复规定', en: 'the same thing is said twice' }, remedy: { zh: '只保留一条', en: 'keep one of them' } };
