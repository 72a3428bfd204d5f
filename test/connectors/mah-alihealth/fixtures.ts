import type { Drug } from '../../../adapter/domain/drug.ts';
import type { EventLine, TraceEvent } from '../../../adapter/domain/event.ts';
import type { Counters } from '../../../adapter/ports/counters.ts';
import type { LineCode, PlannedReport, Report, ReportedEvent, ReportLine } from '../../../adapter/ports/destination.ts';
import type { Institution } from '../../../adapter/ports/institution.ts';
import type { Setting, SettingTable } from '../../../adapter/ports/settings.ts';
import { settings as table, type MahSettings } from '../../../connectors/mah-alihealth/settings.ts';

/** the two ids differ, as they sometimes do in production (mah.md 3) */
export const HOSPITAL: Institution = { code: 'H35010200001', name: '示范医院', region: '350102', mah: { entId: 'ENT-HOSPITAL', refEntId: 'REF-HOSPITAL' } };
export const SUPPLIER = { name: '示范医药有限公司', code: 'G0012', entId: 'ENT-SUPPLIER', refEntId: 'REF-SUPPLIER' };
export const DRUG: Drug = { drug: 'YP1', name: '演示片', packUnit: '盒', smallestUnit: '片', unitsPerPack: 12, prefixUnit: '8999001', prefixInner: '8999101', packsPerInner: 10, prefixCase: '8999201', packsPerCase: 100 };

/** @returns the settings of a table with every default in place, and what the test changes */
export function mahSettings(change: Partial<MahSettings> = {}): MahSettings {
  return { ...(defaultsOf(table) as unknown as MahSettings), gateway: 'http://127.0.0.1:1/router/rest', appKey: '12345678', appSecret: 'helloworld', partners: [SUPPLIER], ...change };
}

function defaultsOf(fields: SettingTable): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(fields)) {
    const value = defaultOf(setting);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function defaultOf(setting: Setting): unknown {
  switch (setting.kind) {
    case 'section': return defaultsOf(setting.fields);
    case 'list': return [];
    case 'map': return {};
    default: return setting.default;
  }
}

/** @returns a synthetic 20-digit code */
export function codeOf(serial: number, prefix = '8999001'): string {
  return `${prefix}${String(serial).padStart(9, '0')}0001`;
}

export function lineCode(code: string, change: Partial<LineCode> & { readonly emptied?: boolean } = {}): LineCode {
  const prefix = code.slice(0, 7);
  const level = prefix === DRUG.prefixCase ? 3 : prefix === DRUG.prefixInner ? 2 : 1;
  return { code, scheme: /^\d{20}$/.test(code) ? 'cn20' : 'other', prefix, level, units: '12', firstOpening: false, ...change };
}

export function reportLine(codes: readonly LineCode[], change: { readonly line?: Partial<EventLine>; readonly drug?: Drug | undefined; readonly packs?: string | undefined } = {}): ReportLine {
  const line: EventLine = { lineNo: '1', drug: 'YP1', quantity: String(codes.length), unit: '盒', split: false, codes: codes.map((code) => code.code), ...change.line };
  return { line, drug: 'drug' in change ? change.drug : DRUG, codes, units: String(codes.length * 12), packs: 'packs' in change ? change.packs : String(codes.length) };
}

export function reported(event: Partial<TraceEvent>, lines: readonly ReportLine[], institution: Institution = HOSPITAL): ReportedEvent {
  return {
    institution, lines,
    event: {
      id: 'E1', source: 'his', institution: institution.code, kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', documentNo: 'CF2026112200123',
      ...event, lines: lines.map(({ line }) => line),
    },
  };
}

/** @returns the report that the delivery would hand over for a planned one */
export function reportOf(plan: PlannedReport, of: ReportedEvent, change: Partial<Report> = {}): Report {
  return { deliveryNo: 1, operation: plan.operation, key: plan.key, batchKey: plan.batchKey, covers: plan.covers, codes: plan.codes, reported: of, attempt: 1, ...change };
}

export class MemoryCounters implements Counters {
  readonly values = new Map<string, string>();
  #next = 1;

  reserve(_institution: string, _name: string, size: number): Promise<number> {
    const first = this.#next;
    this.#next += size;
    return Promise.resolve(first);
  }

  recall(institution: string, name: string): Promise<string | undefined> {
    return Promise.resolve(this.values.get(`${institution}/${name}`));
  }

  remember(institution: string, name: string, value: string): Promise<void> {
    this.values.set(`${institution}/${name}`, value);
    return Promise.resolve();
  }
}
