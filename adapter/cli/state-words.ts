import type { DeliveryState } from '../delivery/states.ts';
import { FAULT_REASONS, type FaultReason } from '../domain/outcome.ts';
import { faultText } from '../domain/fault-text.ts';
import { EVENT_KINDS, type EventKind } from '../domain/event.ts';
import { KIND_ZH } from '../http/event-field-texts.ts';
import type { Language } from '../domain/error.ts';

type Words = Readonly<Record<Language, string>>;

/** What a state of a delivery means to a person. */
const STATES: Readonly<Record<DeliveryState, Words>> = {
  'held': { zh: '等待结算', en: 'waiting for the settlement' },
  'queued': { zh: '排队待上报', en: 'waiting to be sent' },
  'claimed': { zh: '正在上报', en: 'being sent' },
  'sent': { zh: '已发出，等待应答', en: 'sent, waiting for the answer' },
  'processing': { zh: '平台处理中', en: 'the platform is working on it' },
  'unknown': { zh: '结果不明，正向平台查询', en: 'outcome unknown, the platform is being asked' },
  'accepted': { zh: '已上报', en: 'reported' },
  'duplicate': { zh: '平台此前已收到', en: 'the platform had it already' },
  'not-owed': { zh: '无需上报', en: 'not owed' },
  'withdrawn': { zh: '已撤回，未上报', en: 'withdrawn before it was sent' },
  'rejected': { zh: '平台拒绝，待人工处理', en: 'refused by the platform, needs a person' },
  'needs-attention': { zh: '待人工处理', en: 'needs a person' },
};

/** Reasons of our own that the day's figures are told by, in English. */
const REASONS_EN: Readonly<Record<string, string>> = {
  '除外品种：中药饮片': 'exempt: prepared slices of Chinese medicine',
  '除外品种：院内制剂': 'exempt: in-house preparation',
  '除外品种：医用氧': 'exempt: medical oxygen',
  '除外品种：中药配方颗粒': 'exempt: formula granules of Chinese medicine',
  '其他': 'other',
};

/** What an operation left aside, in English; the operations tell it in Chinese. */
const SKIPPED_EN: readonly (readonly [RegExp, string])[] = [
  [/^不在待人工处理状态$/, 'not in a state that needs attention'],
  [/^该行已被拦截：请作废原事件后重新发送$/, 'the line is blocked: void the event and send it anew'],
  [/^已被处理$/, 'dealt with meanwhile'],
  [/^来源 (.+) 已不在配置中$/, 'source $1 is no longer configured'],
  [/^暂时不能接收$/, 'cannot be taken at the moment'],
  [/^仍然不能接收$/, 'still cannot be taken'],
];

/** @returns the reason of a line of the day in words: a state, a code of ours, or the text on file */
export function reasonWords(reason: string, language: Language): string {
  if (reason === 'settlement') return STATES.held[language];
  if (Object.hasOwn(STATES, reason)) return STATES[reason as DeliveryState][language];
  if ((FAULT_REASONS as readonly string[]).includes(reason)) return faultText(reason as FaultReason, language).message;
  return language === 'en' ? REASONS_EN[reason] ?? reason : reason;
}

/** @returns a state of a delivery in words; one of another version as it is */
export function stateWords(state: string, language: Language): string {
  return Object.hasOwn(STATES, state) ? STATES[state as DeliveryState][language] : state;
}

/** @returns why an operation left something aside */
export function skippedWords(reason: string, language: Language): string {
  if (language === 'zh') return reason;
  const found = SKIPPED_EN.find(([pattern]) => pattern.test(reason));
  return found === undefined ? reason : reason.replace(found[0], found[1]);
}

/** @returns a kind of event: `dispense` → `发药 dispense` in Chinese, as it is in English */
export function kindWords(kind: string, language: Language): string {
  return language === 'zh' && (EVENT_KINDS as readonly string[]).includes(kind) ? `${KIND_ZH[kind as EventKind]} ${kind}` : kind;
}
