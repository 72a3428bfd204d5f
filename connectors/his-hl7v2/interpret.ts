import { chinaIso } from '../../adapter/domain/china-time.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import { readsCatalogue } from '../../adapter/ports/catalogue-intake.ts';
import type { CatalogueEntry } from '../../adapter/ports/catalogue-intake.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import type { Hl7Message } from '../../adapter/ports/hl7-message.ts';
import { byteReader, decodeStored } from './codec/charset.ts';
import type { DecidedCharset } from './codec/charset.ts';
import { NO_HEADER, readHeader } from './codec/header.ts';
import { parseMessage } from './codec/message.ts';
import { withDiagnosis } from './compat/diagnosis.ts';
import { filedUnder, onlyInstitution } from './filed-under.ts';
import type { FiledUnder } from './filed-under.ts';
import type { CharsetSetting } from './settings.ts';

export interface InterpretDeps {
  /** key of the source in the configuration */
  readonly source: string;
  readonly mapping: HisMapping | undefined;
  readonly institutions: readonly string[];
  readonly charset: CharsetSetting;
  readonly clock: Pick<Clock, 'now'>;
  /**
   * institutions the settings of the listener name: a stored record that was filed under one of them belongs there whatever MSH-4 says.
   * Left out (another wire carries the message), the institution of the record is where a message goes that names none.
   */
  readonly named?: readonly string[];
}

/** What a message means: events, a note or a refusal for the intake, or entries for the drug catalogue. */
export type Meaning = Interpretation | { readonly kind: 'catalogue'; readonly entries: readonly CatalogueEntry[]; readonly message: Hl7Message };

/** Longest MSH-10 that is taken: the event id has 128 characters and needs room for `-R` (contract section 4). */
const LONGEST_CONTROL_ID = 120;

/** Reads a stored record again: decode, parse, map. Needs nothing but the record; never throws. */
export function interpretRecord(record: HisRecord, deps: InterpretDeps): Interpretation {
  const decoded = decodeStored(record.bytes, record.charset, deps.charset);
  if (decoded.kind === 'unreadable') return { kind: 'refused', refusal: unreadableCharset(decoded.declared) };
  const meaning = interpretText(decoded.text, { charset: decoded.charset, filed: refile(decoded.text, record.institution, deps) }, deps);
  return meaning.kind === 'catalogue' ? { kind: 'refused', refusal: notByRetry(meaning.entries) } : meaning;
}

function refile(text: string, institution: string, deps: InterpretDeps): FiledUnder {
  const trusted = deps.named?.includes(institution) === true;
  const fallback = trusted || deps.named === undefined && deps.institutions.includes(institution) ? institution : onlyInstitution(deps.institutions);
  return filedUnder(readHeader(text) ?? NO_HEADER, { institutions: deps.institutions, fallback, trusted });
}

/** Entries go through the catalogue's own intake, which a retry from the quarantine does not reach; the reason on file is kept. */
function notByRetry(entries: readonly CatalogueEntry[]): Refusal {
  const bad = entries.find((entry) => entry.refusal !== undefined)?.refusal;
  return bad ?? refusal('HL7_TYPE_UNSUPPORTED', { field: 'MSH-9', value: 'MFN', detail: '目录消息不能从待处理中重试：改正后请由 HIS 用新的 MSH-10 重新发送，或用 his-trace import drugs 导入' });
}

export function unreadableCharset(declared: string): Refusal {
  return refusal('CHARSET_UNREADABLE', { field: 'MSH-18', value: declared, detail: '内容既不是有效的 UTF-8，也不是有效的 GBK/GB18030（可能有被截断的汉字）' });
}

/** Maps one decoded message. Never throws: whatever goes wrong is a refusal, with a list of the segments that could be read. */
export function interpretText(text: string, at: { readonly charset: DecidedCharset; readonly filed: FiledUnder }, deps: InterpretDeps): Meaning {
  let meaning: Meaning;
  try {
    meaning = mapText(text, at, deps);
  } catch {
    meaning = { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '解析时出现内部错误' }) };
  }
  return meaning.kind === 'refused' ? { kind: 'refused', refusal: withDiagnosis(meaning.refusal, text) } : meaning;
}

function mapText(text: string, at: { readonly charset: DecidedCharset; readonly filed: FiledUnder }, deps: InterpretDeps): Meaning {
  const parsed = parseMessage(text, byteReader(at.charset));
  if (parsed.kind === 'unreadable') return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { field: 'MSH', detail: parsed.why }) };
  const controlId = parsed.message.first('MSH')?.text(10).trim() ?? '';
  if (controlId === '') return { kind: 'refused', refusal: refusal('HL7_CONTROL_ID_MISSING', { field: 'MSH-10' }) };
  // ids are keys: nothing invisible may be in them
  if (controlId.length > LONGEST_CONTROL_ID || /[\u0000-\u001f\u007f]/.test(controlId)) {
    return { kind: 'refused', refusal: refusal('HL7_FIELD_INVALID', { field: 'MSH-10', value: controlId, detail: `消息控制编号最长 ${String(LONGEST_CONTROL_ID)} 个字符，不能含控制字符` }) };
  }
  if (deps.mapping?.fromHl7 === undefined) return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '该来源没有配置可读 HL7 的映射（mapping）' }) };
  // after what is wrong with the message itself, so that a sender learns of that first
  if (at.filed.refusal !== undefined) return { kind: 'refused', refusal: at.filed.refusal };
  const context = { source: deps.source, institution: at.filed.institution, institutions: deps.institutions, receivedAt: chinaIso(deps.clock.now()) };
  const catalogue = readsCatalogue(deps.mapping) ? deps.mapping.catalogueFromHl7(parsed.message, context) : undefined;
  if (catalogue === undefined) return deps.mapping.fromHl7(parsed.message, context);
  return catalogue.kind === 'refused' ? catalogue : { ...catalogue, message: parsed.message };
}
