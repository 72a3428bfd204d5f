import type { SettingsOf, SettingTable } from '../ports/settings.ts';
import { DEFAULT_RETRY, LONGEST_WAIT_MS, type RetrySettings } from './retry-policy.ts';

/** Settings of the section `delivery`: pauses between tries and questions, the same for every destination. */
export const settings = {
  baseBackOff: {
    kind: 'duration', default: DEFAULT_RETRY.baseBackOffMs, min: 100, max: 60_000, label: '首次重试间隔',
    meaning: '上报确定没有送达时，第一次重试前的等待；以后每次加倍，±20 % 抖动',
    description: 'pause before the first retry of a report that provably did not arrive; doubles with every try, ±20 % jitter',
  },
  maxBackOff: {
    kind: 'duration', default: DEFAULT_RETRY.maxBackOffMs, min: 1_000, max: LONGEST_WAIT_MS, label: '最长重试间隔',
    meaning: '重试间隔最长增至此值；不能小于首次重试间隔',
    description: 'the pause between tries grows no longer than this',
  },
  firstAsk: {
    kind: 'duration', default: DEFAULT_RETRY.firstAskMs, min: 100, max: 300_000, label: '首次核对间隔',
    meaning: '发出后没有得到答复时，第一次向平台查询前的等待；查明之前绝不重发',
    description: 'pause between a report without an answer and the first question to the platform',
  },
  absentQuiet: {
    kind: 'duration', default: DEFAULT_RETRY.absentQuietMs, min: 5_000, max: 600_000, label: '确认未收到所需时间',
    meaning: '平台持续答复“没有收到”达到这个时长，才用同一业务号重发',
    description: 'how long a platform has to go on saying that it does not have a report before the same key is sent again',
  },
  poll: {
    kind: 'duration', default: DEFAULT_RETRY.pollMs, min: 500, max: 300_000, label: '处理结果查询间隔',
    meaning: '平台已受理、仍在处理的单据，两次查询之间的等待；每五次加倍',
    description: 'pause between questions about a report that the platform took in and still works on; doubles with every fifth question',
  },
  maxPoll: {
    kind: 'duration', default: DEFAULT_RETRY.maxPollMs, min: 1_000, max: LONGEST_WAIT_MS, label: '最长查询间隔',
    meaning: '上述查询间隔最长增至此值',
    description: 'the pause between such questions grows no longer than this',
  },
} as const satisfies SettingTable;

export type DeliverySettings = SettingsOf<typeof settings>;

/** @returns the checked settings as the delivery uses them */
export function retryFrom(checked: DeliverySettings): RetrySettings {
  return {
    baseBackOffMs: checked.baseBackOff, maxBackOffMs: checked.maxBackOff, firstAskMs: checked.firstAsk,
    absentQuietMs: checked.absentQuiet, pollMs: checked.poll, maxPollMs: checked.maxPoll,
  };
}

/** @returns what single ranges cannot say, in Chinese; empty when nothing is wrong */
export function problemsOfDelivery(checked: DeliverySettings): string[] {
  const problems: string[] = [];
  if (checked.maxBackOff < checked.baseBackOff) problems.push('delivery.maxBackOff 不能小于 delivery.baseBackOff');
  if (checked.maxPoll < checked.poll) problems.push('delivery.maxPoll 不能小于 delivery.poll');
  return problems;
}
