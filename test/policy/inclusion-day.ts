import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Drug } from '../../adapter/domain/drug.ts';
import type { EventLine, TraceEvent } from '../../adapter/domain/event.ts';
import type { Institution } from '../../adapter/ports/institution.ts';
import type { Policy, Regime } from '../../adapter/ports/policy.ts';

const FOLDER = join(import.meta.dirname, 'inclusion');
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));

interface Day { readonly drugs: readonly Drug[]; readonly events: readonly (Pick<TraceEvent, 'id' | 'kind' | 'occurredAt'> & { readonly lines: readonly (Omit<EventLine, 'split'> & { readonly split?: boolean })[] })[] }

export interface Expected {
  readonly mah: { readonly owed: readonly string[]; readonly excluded: Readonly<Record<string, string>> };
  readonly insurance: { readonly excluded: readonly string[] };
  readonly nobody: readonly string[];
}

export const expectedOf = (province: string): Expected => readJson(`expected-${province}.json`) as Expected;

export function hospitalIn(province: string, level?: number): Institution {
  return { code: 'H89990000001', name: '示范医院', region: '350102', province, ...(level === undefined ? {} : { level }) };
}

/** @returns what the policy says of every line of the day: undefined = owed, otherwise the reason; keyed `event/line`, in the day's order */
export function judgeDay(policy: Policy, institution: Institution, regime?: Regime): Map<string, string | undefined> {
  const day = readJson('day.json') as Day;
  const verdicts = new Map<string, string | undefined>();
  for (const told of day.events) {
    const event: TraceEvent = { ...told, source: 'his', institution: institution.code, lines: told.lines.map((line) => ({ ...line, split: line.split ?? false })) };
    for (const line of event.lines) {
      const drug = day.drugs.find((one) => one.drug === line.drug);
      verdicts.set(`${event.id}/${line.lineNo}`, policy.exclusionOf({ institution, event, line, drug, ...(regime === undefined ? {} : { regime }) }));
    }
  }
  return verdicts;
}

export const owedOf = (verdicts: ReadonlyMap<string, string | undefined>): string[] => [...verdicts].filter(([, reason]) => reason === undefined).map(([line]) => line);
export const excludedOf = (verdicts: ReadonlyMap<string, string | undefined>): string[] => [...verdicts].filter(([, reason]) => reason !== undefined).map(([line]) => line);
