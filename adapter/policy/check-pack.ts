import { isCalendarDate } from '../domain/china-time.ts';
import { EXEMPTIONS } from '../domain/drug.ts';
import { EVENT_KINDS } from '../domain/event.ts';
import { FINDING_CODES } from '../domain/finding.ts';
import { PURPOSES, REGIMES, STAGES } from '../ports/policy.ts';
import type { ProvincePack } from '../ports/province-pack.ts';
import { blank, isObject, type Check, type Json, listOf, memberFaults, oneOf } from './json-shape.ts';

const DATED: Readonly<Record<string, Check>> = {
  id: (value) => typeof value === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(value),
  article: (value) => !blank(value),
  'from?': day, 'until?': day,
};
const REGIME_LIST = listOf(oneOf(REGIMES));
const MATCH: Readonly<Record<string, Check>> = {
  'exemption?': listOf(oneOf(EXEMPTIONS)), 'form?': listOf((value) => !blank(value)), 'split?': isBoolean, 'loose?': isBoolean, 'coded?': isBoolean, 'kinds?': listOf(oneOf(EVENT_KINDS)),
};
const START = { ...DATED, from: day, regime: oneOf(REGIMES), 'levels?': listOf(oneOf([1, 2, 3])) };
const EXEMPTION = { ...DATED, regimes: REGIME_LIST, reason: (value: unknown) => !blank(value), match: (value: unknown) => isObject(value) && Object.keys(value).length > 0 && memberFaults(value, MATCH, '').length === 0 };
const SEVERITY = { ...DATED, findings: listOf(oneOf(FINDING_CODES)), 'stages?': listOf(oneOf(STAGES)), 'purposes?': listOf(oneOf(PURPOSES)), 'emergency?': isBoolean, severity: oneOf(['info', 'warn', 'block']) };
const SINGLE: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  emergency: { ...DATED, hours: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 720 },
  shelving: { ...DATED, onMismatch: oneOf(['block', 'record']) },
  feedback: { ...DATED, toSupplier: isBoolean },
  retention: { ...DATED, mayAlter: oneOf([false]) },
};
const LISTS: Readonly<Record<string, Readonly<Record<string, Check>>>> = { starts: START, exemptions: EXEMPTION, severities: SEVERITY, duties: { ...DATED, duty: (value) => !blank(value) } };

/** @returns what is wrong with the text of pack.json, in English, with the member's place; empty when it can be used */
export function checkPack(value: unknown, name: string): string[] {
  if (!isObject(value)) return ['pack.json is no object'];
  const faults = memberFaults(value, {
    name: (given) => given === name, title: (given) => !blank(given),
    notice: (given) => isObject(given) && !blank(given['number']) && !blank(given['title']) && (given['issuedOn'] === undefined || day(given['issuedOn'])),
    'emergency?': isObject, shelving: isObject, feedback: isObject, retention: isObject, starts: Array.isArray, exemptions: Array.isArray, severities: Array.isArray, duties: Array.isArray,
  }, 'pack.json');
  if (faults.length > 0) return faults;
  for (const [member, shape] of Object.entries(SINGLE)) if (value[member] !== undefined) faults.push(...memberFaults(value[member] as Json, shape, member));
  for (const [member, shape] of Object.entries(LISTS)) {
    (value[member] as readonly unknown[]).forEach((rule, at) => faults.push(...(isObject(rule) ? memberFaults(rule, shape, `${member}[${String(at)}]`) : [`${member}[${String(at)}] is no object`])));
  }
  if (faults.length > 0) return faults;
  const ids = ruleIds(value as unknown as ProvincePack);
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map((id) => `${id} stands twice`);
}

/** @returns what is wrong with articles.json beside its pack: every rule's article is listed, every rule an article names exists and names it back */
export function checkArticles(value: unknown, pack: ProvincePack): string[] {
  if (!Array.isArray(value)) return ['articles.json is no list'];
  const faults: string[] = [];
  const known = new Map(rulesOf(pack).map((rule) => [rule.id, rule.article]));
  const named = new Map<string, readonly unknown[]>();
  value.forEach((article: unknown, at) => {
    if (!isObject(article)) faults.push(`articles[${String(at)}] is no object`);
    else faults.push(...articleFaults(article, `articles[${String(at)}]`, known));
    if (isObject(article) && typeof article['article'] === 'string' && Array.isArray(article['rules'])) {
      if (named.has(article['article'])) faults.push(`article ${article['article']} stands twice`);
      named.set(article['article'], article['rules']);
    }
  });
  for (const [id, article] of known) if (named.get(article)?.includes(id) !== true) faults.push(`${id} cites ${article}, which does not name it`);
  return faults;
}

function articleFaults(article: Json, place: string, known: ReadonlyMap<string, string>): string[] {
  const text: Check = (value) => !blank(value);
  const faults = memberFaults(article, { article: text, quote: text, note: text, duty: oneOf(['institution', 'manual', 'none']), rules: Array.isArray, tests: Array.isArray }, place);
  if (faults.length > 0) return faults;
  for (const id of article['rules'] as readonly unknown[]) if (typeof id !== 'string' || known.get(id) !== article['article']) faults.push(`${place} names ${String(id)}, which is no rule of ${String(article['article'])}`);
  const held = (article['rules'] as readonly unknown[]).length > 0 && (article['tests'] as readonly unknown[]).length > 0;
  if (article['duty'] === 'institution' && !held) faults.push(`${place} is a duty of the institution without rule or test`);
  if (article['duty'] !== 'institution' && (article['rules'] as readonly unknown[]).length > 0) faults.push(`${place} has rules, but is nobody's duty here`);
  return faults;
}

/** @returns every rule of a pack with its article */
export function rulesOf(pack: ProvincePack): readonly { readonly id: string; readonly article: string }[] {
  return [...pack.starts, ...pack.exemptions, ...(pack.emergency === undefined ? [] : [pack.emergency]), pack.shelving, pack.feedback, pack.retention, ...pack.severities, ...pack.duties];
}

function ruleIds(pack: ProvincePack): string[] {
  return rulesOf(pack).map(({ id }) => id);
}

function day(value: unknown): boolean {
  return typeof value === 'string' && isCalendarDate(value);
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}
