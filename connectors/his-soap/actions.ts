import { EVENT_KINDS } from '../../adapter/domain/event.ts';
import type { EventKind } from '../../adapter/domain/event.ts';

/** What an action stands for: a payload of any kind, an HL7 v2 message, events of one kind, a sign of life, or something that is none of ours. */
export type Target = 'event' | 'hl7' | 'ping' | 'note' | EventKind;

export const TARGETS: readonly Target[] = ['event', 'hl7', 'ping', 'note', ...EVENT_KINDS];

/** Action names understood without configuration, compared without case, `-` and `_`. Every event kind is one, too. */
const DEFAULTS: Readonly<Record<string, Target>> = {
  '': 'event', 'event': 'event', 'events': 'event', 'traceevent': 'event', 'traceevents': 'event', 'trace': 'event', '追溯事件': 'event',
  'hl7': 'hl7', 'hl7v2': 'hl7', 'ping': 'ping', 'heartbeat': 'ping', '心跳': 'ping',
  '采购入库': 'receipt', '采购退货': 'supplier-return', '发药': 'dispense', '退药': 'dispense-return', '拆零': 'split-open', '盘存': 'stock-count', '盘点': 'stock-count',
  '盘盈': 'stock-gain', '盘亏': 'stock-loss', '销毁': 'destroy', '调拨出': 'transfer-out', '调拨入': 'transfer-in', '作废': 'void', '结算': 'settlement',
};

export interface ActionSetting { readonly name: string; readonly as: string }

/** @returns what an action stands for, `undefined` for one nobody knows; configured names come first, `*` stands for all others */
export function createActionTable(configured: readonly ActionSetting[]): (action: string) => Target | undefined {
  const table = new Map<string, Target>([...Object.entries(DEFAULTS), ...EVENT_KINDS.map((kind) => [plain(kind), kind] as const)]);
  for (const { name, as } of configured) if (isTarget(as)) table.set(plain(name), as);
  return (action) => table.get(plain(action)) ?? table.get('*');
}

export function isTarget(text: string): text is Target {
  return (TARGETS as readonly string[]).includes(text);
}

export function isKind(target: Target): target is EventKind {
  return (EVENT_KINDS as readonly string[]).includes(target);
}

function plain(action: string): string {
  return action.trim().toLowerCase().replace(/[-_\s]/g, '');
}
