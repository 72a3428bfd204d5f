import { readHeader } from '../../../connectors/his-hl7v2/codec/header.ts';
import { interpretRecord } from '../../../connectors/his-hl7v2/interpret.ts';
import { createSoapIntake } from '../../../connectors/his-soap/index.ts';
import type { SoapIntake, SoapReply, SoapSettings } from '../../../connectors/his-soap/index.ts';
import { settings as table } from '../../../connectors/his-soap/settings.ts';
import type { HisRecord } from '../../../adapter/ports/his-record.ts';
import type { Log, LogFields } from '../../../adapter/ports/log.ts';
import { silentLog } from '../../../adapter/ports/log.ts';
import type { Setting } from '../../../adapter/ports/settings.ts';
import { mappings } from '../../../mappings/registry.ts';
import { FakeIntake } from '../../support/fake-intake.ts';

export const A = 'H89990000001';
export const B = 'H89990000002';
const NOW = Date.parse('2026-11-22T12:00:00+08:00');

/** The settings as an empty configuration gives them. */
export function defaultSettings(): SoapSettings {
  const defaultOf = (setting: Setting): unknown =>
    setting.kind === 'section' ? Object.fromEntries(Object.entries(setting.fields).map(([key, inner]) => [key, defaultOf(inner)])) : setting.kind === 'list' ? [] : 'default' in setting ? setting.default : undefined;
  const entries = Object.entries(table as Readonly<Record<string, Setting>>).map(([key, setting]) => [key, defaultOf(setting)] as const).filter(([, value]) => value !== undefined);
  const values: Readonly<Record<string, unknown>> = Object.fromEntries(entries);
  return values as unknown as SoapSettings;
}

export function openSoap(settings: Partial<SoapSettings> = {}, log: Log = silentLog): SoapIntake {
  const clock = { now: () => NOW };
  const mapping = mappings.find(({ name }) => name === 'standard');
  return createSoapIntake({
    settings: { ...defaultSettings(), ...settings }, clock, log,
    hl7: {
      interpret: (record: HisRecord) => interpretRecord(record, { source: record.source, mapping, institutions: [A, B], charset: 'utf-8', clock }),
      controlId: (text) => readHeader(text)?.controlId ?? '',
    },
  });
}

export interface SoapBench {
  readonly soap: SoapIntake;
  readonly intake: FakeIntake;
  readonly logged: { readonly message: string; readonly fields: LogFields | undefined }[];
  /** sends a body; the text of the answer is decoded by its own charset */
  post(body: string | Uint8Array, contentType?: string, language?: 'zh' | 'en'): Promise<SoapReply & { readonly text: string }>;
}

export function openBench(settings: Partial<SoapSettings> = {}): SoapBench {
  const intake = new FakeIntake();
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const soap = openSoap(settings, { ...silentLog, warn: (message, fields) => { logged.push({ message, fields }); } });
  return {
    soap, intake, logged,
    async post(body, contentType = 'text/xml; charset=utf-8', language = 'zh') {
      const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
      const reply = await soap.serve({ bytes, contentType, language, requestId: 'req-1', institutions: [A] }, (record, interpretation) => intake.submit(record, interpretation));
      const charset = /charset=([\w-]+)/.exec(reply.contentType)?.[1] ?? 'utf-8';
      return { ...reply, text: new TextDecoder(charset, { fatal: true }).decode(reply.bytes) };
    },
  };
}

export const ENVELOPE_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const ENVELOPE_12 = 'http://www.w3.org/2003/05/soap-envelope';

export function envelope(body: string, namespace = ENVELOPE_11, prefix = 'soapenv'): string {
  return `<?xml version="1.0" encoding="utf-8"?><${prefix}:Envelope xmlns:${prefix}="${namespace}"><${prefix}:Header/><${prefix}:Body>${body}</${prefix}:Body></${prefix}:Envelope>`;
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** HIPMessageServer in the shape of the integration platforms. */
export function hip(action: string, message: string, namespace = 'urn:hl7-org:v3'): string {
  return `<HIPMessageServer xmlns="${namespace}"><action>${escape(action)}</action><message>${escape(message)}</message></HIPMessageServer>`;
}

/** A valid dispense; synthetic codes begin 8999. */
export function dispense(id: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id, source: 'his', institution: A, kind: 'dispense', occurredAt: '2026-11-22T09:31:05+08:00', documentNo: `CF-${id}`, location: '西药房',
    patient: { visitNo: `V-${id}`, class: 'outpatient', name: '张三丰', idNo: '350102199001011234' },
    lines: [{ lineNo: '1', drug: 'YP00012', quantity: '1', unit: '盒', split: false, codes: ['89990010000000011234'] }],
    ...changes,
  };
}

/** The same as event XML. */
export function dispenseXml(id: string): string {
  return `<TraceEvent><id>${id}</id><source>his</source><institution>${A}</institution><kind>dispense</kind><occurredAt>2026-11-22T09:31:05+08:00</occurredAt><documentNo>CF-${id}</documentNo><location>西药房</location>`
    + `<patient><visitNo>V-${id}</visitNo><class>outpatient</class><name>张三丰</name><idNo>350102199001011234</idNo></patient>`
    + '<lines><line><lineNo>1</lineNo><drug>YP00012</drug><quantity>1</quantity><unit>盒</unit><split>false</split><codes><code>89990010000000011234</code></codes></line></lines></TraceEvent>';
}
