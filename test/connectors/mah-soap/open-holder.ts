import type { AskResult, Outcome, SendResult } from '../../../adapter/domain/outcome.ts';
import type { EventKind } from '../../../adapter/domain/event.ts';
import type { Destination, DestinationConnector, Report, ReportedEvent } from '../../../adapter/ports/destination.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import type { Setting, SettingTable } from '../../../adapter/ports/settings.ts';
import { mahRest } from '../../../connectors/mah-rest/index.ts';
import { mahSoap } from '../../../connectors/mah-soap/index.ts';
import type { HolderName, Sandbox } from '../../../plugins/sandbox/index.ts';
import { codeOf, HOSPITAL, lineCode, reported, reportLine, reportOf, SUPPLIER } from '../mah-alihealth/fixtures.ts';
import { memoryCounters } from '../../support/memory-counters.ts';

/** An example profile, the fake it speaks to, and what it can report. */
export interface HolderCase {
  readonly name: string;
  readonly connector: DestinationConnector;
  readonly profile: string;
  readonly fake: HolderName;
  readonly kinds: readonly EventKind[];
  /** the fake's operation a report goes to, for fault rules */
  readonly upload: string;
  readonly hasQuery: boolean;
  /** kinds whose reports can be taken back */
  readonly reversible: readonly EventKind[];
}

export const HOLDER_CASES: readonly HolderCase[] = [
  { name: 'one-string SOAP', connector: mahSoap, profile: 'example-one-string', fake: 'mah-soap', upload: 'uploadBill', hasQuery: true, kinds: ['receipt', 'supplier-return', 'dispense', 'dispense-return', 'destroy'], reversible: ['receipt', 'supplier-return', 'dispense', 'dispense-return'] },
  { name: 'typed SOAP', connector: mahSoap, profile: 'example-typed', fake: 'mah-typed', upload: 'ReportMovement', hasQuery: true, kinds: ['receipt', 'supplier-return', 'dispense', 'dispense-return', 'destroy', 'transfer-out', 'transfer-in'], reversible: ['receipt', 'supplier-return', 'dispense', 'dispense-return'] },
  { name: 'REST with SM3', connector: mahRest, profile: 'example-sm3', fake: 'mah-rest', upload: 'events', hasQuery: false, kinds: ['receipt', 'supplier-return', 'dispense', 'dispense-return', 'destroy', 'stock-gain', 'stock-loss'], reversible: ['receipt', 'supplier-return', 'dispense', 'dispense-return', 'destroy', 'stock-gain', 'stock-loss'] },
];

/** @returns the settings of a connector with every default in place */
export function holderDefaults(connector: DestinationConnector): Record<string, unknown> {
  return defaultsOf(connector.settings);
}

function defaultsOf(fields: SettingTable): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, setting]) => [name, defaultOf(setting)] as const).filter(([, value]) => value !== undefined));
}

function defaultOf(setting: Setting): unknown {
  switch (setting.kind) {
    case 'section': return defaultsOf(setting.fields);
    case 'list': return [];
    case 'map': return {};
    default: return setting.default;
  }
}

/** The real time with an offset that a test moves; waiting moves it, so that nothing really waits. */
export class MovableClock {
  offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }

  sleep(ms: number): Promise<void> {
    this.offset += ms;
    return Promise.resolve();
  }
}

export interface OpenHolder {
  readonly destination: Destination;
  readonly clock: MovableClock;
  send(report: Report): Promise<SendResult>;
  ask(report: Report): Promise<AskResult>;
}

/** @returns the connector as the product makes it, against the sandbox's fake */
export function openHolder(sandbox: Sandbox, of: Pick<HolderCase, 'connector' | 'profile' | 'fake'>, change: Readonly<Record<string, unknown>> = {}, clock = new MovableClock()): OpenHolder {
  const holder = sandbox.holders[of.fake];
  if (holder === undefined) throw new Error(`the sandbox has no ${of.fake}`);
  const { user, password, signKey, tokenUrl, url } = holder;
  const settings = {
    ...holderDefaults(of.connector), profile: of.profile, user, password, signKey, callsPerSecond: 1_000, replyTimeout: 1_000, values: { orgCode: holder.orgCode },
    partners: [{ name: SUPPLIER.name, code: SUPPLIER.code, id: 'P-0001' }], ...(of.connector.name === 'mah-rest' ? { baseUrl: url, tokenUrl } : { endpoint: url }), ...change,
  };
  return openWith(of.connector, settings, clock);
}

export function openWith(connector: DestinationConnector, settings: Readonly<Record<string, unknown>>, clock = new MovableClock()): OpenHolder {
  const destination = connector.create({ name: 'holder', settings, institutions: [HOSPITAL], clock, log: silentLog, counters: memoryCounters(), count: () => undefined });
  const never = new AbortController().signal;
  return {
    destination, clock,
    send: async (report) => first(await destination.send([report], { signal: never })),
    ask: async (report) => first(await destination.ask([report], { signal: never })),
  };
}

export function first<T>(list: readonly T[]): T {
  const [only] = list;
  if (only === undefined) throw new Error('no result');
  return only;
}

/** @returns an event of whole packs with these serial numbers */
export function eventOf(kind: EventKind, serials: readonly number[], change: object = {}): ReportedEvent {
  return reported({ id: `${kind}-${serials.join('-')}`, kind, occurredAt: new Date().toISOString(), counterparty: { name: SUPPLIER.name }, ...change }, [reportLine(serials.map((serial) => lineCode(codeOf(serial))))]);
}

export function reportsOf({ destination }: OpenHolder, of: ReportedEvent): Report[] {
  return destination.plan(of).map((plan) => reportOf(plan, of, { firstSentAt: Date.now(), lastSentAt: Date.now() }));
}

/** Asks as the delivery does, until it is settled: a report that is absent twice is sent again. */
export async function settle(holder: OpenHolder, report: Report, sent: SendResult): Promise<Outcome | AskResult> {
  let result: SendResult = sent;
  for (let turn = 0; turn < 50; turn += 1) {
    if (result.kind !== 'unknown' && result.kind !== 'processing' && result.kind !== 'unavailable') return result;
    holder.clock.offset += 120_000;
    if (result.kind === 'unavailable') {
      result = await holder.send(report);
      continue;
    }
    const asked = await holder.ask(report);
    if (asked.kind === 'settled') return asked.outcome;
    if (asked.kind === 'cannot-ask') return asked;
    if (asked.kind === 'absent' && (await holder.ask(report)).kind === 'absent') result = await holder.send({ ...report, attempt: report.attempt + 1 });
  }
  throw new Error('never settled');
}
