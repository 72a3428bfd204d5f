import type { Drug } from '../../../adapter/domain/drug.ts';
import type { EventKind, EventLine, TraceEvent } from '../../../adapter/domain/event.ts';
import type { Clock } from '../../../adapter/ports/clock.ts';
import type { Counters } from '../../../adapter/ports/counters.ts';
import type { Destination, LineCode, PlannedReport, Report, ReportedEvent, ReportLine } from '../../../adapter/ports/destination.ts';
import type { Institution } from '../../../adapter/ports/institution.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import type { SettingTable } from '../../../adapter/ports/settings.ts';
import { nhsa } from '../../../connectors/nhsa/index.ts';
import { loadProfile } from '../../../connectors/nhsa/profile.ts';
import type { Profile } from '../../../connectors/nhsa/profile.ts';
import { nhsaSettings } from '../../../connectors/nhsa/settings.ts';
import type { NhsaSettings } from '../../../connectors/nhsa/settings.ts';

export const HOSPITAL: Institution = { code: 'H35010200001', name: '示范医院', region: '350102' };
export const NOW = Date.parse('2026-11-22T09:35:00+08:00');

/** all defaults of the table, with the given values over them */
export function settingsWith(overrides: Readonly<Record<string, unknown>> = {}): NhsaSettings {
  return { ...defaultsOf(nhsaSettings), baseUrl: 'http://127.0.0.1:1', paasId: 'test-paas', paasToken: 'test-token', operator: { type: '1', code: '001', name: '系统' }, ...overrides } as NhsaSettings;
}

function defaultsOf(table: SettingTable): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(table)) {
    if (setting.kind === 'section') values[key] = defaultsOf(setting.fields);
    else if (setting.kind === 'map') values[key] = {};
    else if (setting.kind === 'list') values[key] = [];
    else if (setting.default !== undefined) values[key] = setting.default;
  }
  return values;
}

export function national(overrides: Readonly<Record<string, unknown>> = {}): Profile {
  return loadProfile(settingsWith(overrides));
}

export const DRUG: Drug = {
  drug: 'YP00012', name: '阿莫西林胶囊', manufacturer: '示范制药', approvalNo: '国药准字H00000001', medListCode: 'XJ01CAA040E001010100001', rxFlag: '1',
  packUnit: '盒', smallestUnit: '粒', unitsPerPack: 24, prefixUnit: '8999001', prefixInner: '8999002', packsPerInner: 10, prefixCase: '8999003', packsPerCase: 100, price: '12.5', barcode: '6900000000012',
};

export function drugWithout(...names: (keyof Drug)[]): Drug {
  return Object.fromEntries(Object.entries(DRUG).filter(([name]) => !names.includes(name as keyof Drug))) as unknown as Drug;
}

/** a synthetic 20-digit code */
export function code(serial: number, more: Partial<LineCode> = {}): LineCode {
  return { code: `8999001${String(serial).padStart(13, '0')}`, scheme: 'cn20', prefix: '8999001', level: 1, units: '24', firstOpening: false, ...more };
}

export interface LineOptions extends Partial<Omit<ReportLine, 'line'>> { readonly line?: Partial<EventLine>; readonly without?: readonly (keyof EventLine)[] }

export function line(lineNo: string, options: LineOptions = {}): ReportLine {
  const codes = options.codes ?? [code(Number(lineNo) || 1)];
  const full: EventLine = {
    lineNo, drug: 'YP00012', quantity: '1', unit: '盒', split: false, unitPrice: '12.500000', lot: 'A2401', producedOn: '2026-01-02', expiresOn: '2027-12-31', codes: codes.map((one) => one.code), ...options.line,
  };
  const kept = Object.fromEntries(Object.entries(full).filter(([name]) => !(options.without ?? []).includes(name as keyof EventLine))) as unknown as EventLine;
  return { line: kept, drug: 'drug' in options ? options.drug : DRUG, codes, units: 'units' in options ? options.units : '24', packs: 'packs' in options ? options.packs : '1' };
}

export function reported(kind: EventKind, lines: readonly ReportLine[], event: Partial<TraceEvent> = {}): ReportedEvent {
  return {
    institution: HOSPITAL,
    lines,
    event: {
      id: 'EV-1', source: 'his', institution: HOSPITAL.code, kind, occurredAt: '2026-11-22T09:31:05+08:00', documentNo: 'CF2026112200123', prescriptionNo: 'RX1', invoiceNo: 'FP001', deliveryNoteNo: 'SH001',
      operator: { code: '8801', name: '药师甲', licenseNo: 'YS0001', idType: '01', idNo: '350000199001010000' },
      prescriber: { code: '6601', name: '医师乙', idType: '01', idNo: '350000198001010000' },
      counterparty: { code: 'S1', name: '示范医药公司', licenseNo: 'AA0001' },
      patient: { visitNo: 'V1', class: 'outpatient', name: '患者丙', idType: '01', idNo: '350000197001010000', personNo: 'P1', insuredArea: '350100', settlementType: 'insured', settlementId: 'SETL1', settlementArea: 'local' },
      lines: lines.map((one) => one.line), ...event,
    },
  };
}

let nextDelivery = 1;

export function reportOf(plan: PlannedReport, of: ReportedEvent, more: Partial<Report> = {}): Report {
  nextDelivery += 1;
  return { deliveryNo: nextDelivery, operation: plan.operation, key: plan.key, batchKey: plan.batchKey, covers: plan.covers, codes: plan.codes, reported: of, attempt: 1, ...more };
}

/** `count` dispenses of one line and one code each */
export function sales(count: number, destination: Pick<Destination, 'plan'>, from = 1): readonly Report[] {
  return Array.from({ length: count }, (_, index) => {
    const of = reported('dispense', [line('1', { codes: [code(from + index)] })], { id: `EV-${String(from + index)}` });
    const [plan] = destination.plan(of);
    if (plan === undefined) throw new Error('nothing planned');
    return reportOf(plan, of);
  });
}

/** A clock that is set by hand and sleeps not at all. */
export class TestClock implements Clock {
  constructor(public at: number = NOW) {}
  now(): number { return this.at; }
  sleep(): Promise<void> { return Promise.resolve(); }
}

/** Counters as durable as the object: several connectors on one of them are several processes or restarts. */
export class TestCounters implements Counters {
  readonly numbers = new Map<string, number>();
  readonly texts = new Map<string, string>();
  writes = 0;

  reserve(institution: string, name: string, size: number): Promise<number> {
    this.writes += 1;
    const at = `${institution}|${name}`;
    const first = this.numbers.get(at) ?? 1;
    this.numbers.set(at, first + size);
    return Promise.resolve(first);
  }

  recall(institution: string, name: string): Promise<string | undefined> { return Promise.resolve(this.texts.get(`${institution}|${name}`)); }

  remember(institution: string, name: string, value: string): Promise<void> {
    this.texts.set(`${institution}|${name}`, value);
    return Promise.resolve();
  }
}

export interface Opened { readonly destination: Destination; readonly clock: TestClock; readonly counters: TestCounters }

export function open(baseUrl: string, options: { readonly settings?: Readonly<Record<string, unknown>>; readonly clock?: TestClock; readonly counters?: TestCounters } = {}): Opened {
  const clock = options.clock ?? new TestClock();
  const counters = options.counters ?? new TestCounters();
  const destination = nhsa.create({ name: 'insurance', settings: settingsWith({ baseUrl, timeouts: { connect: 1_000, reply: 2_000 }, ...options.settings }), institutions: [HOSPITAL], clock, log: silentLog, counters, count: () => undefined });
  return { destination, clock, counters };
}

export const NEVER = new AbortController().signal;
