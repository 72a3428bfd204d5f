import { chinaIso } from '../../adapter/domain/china-time.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { Clock } from '../../adapter/ports/clock.ts';
import type { HisMapping } from '../../adapter/ports/his-mapping.ts';
import type { HisRecord, Interpretation } from '../../adapter/ports/his-record.ts';
import { byteReader, decodeStored } from './codec/charset.ts';
import type { DecidedCharset } from './codec/charset.ts';
import { parseMessage } from './codec/message.ts';
import { withDiagnosis } from './compat/diagnosis.ts';
import type { CharsetSetting } from './settings.ts';

export interface InterpretDeps {
  /** key of the source in the configuration */
  readonly source: string;
  readonly mapping: HisMapping | undefined;
  readonly institutions: readonly string[];
  readonly charset: CharsetSetting;
  readonly clock: Pick<Clock, 'now'>;
}

/** Longest MSH-10 that is taken: the event id has 128 characters and needs room for `-R` (contract section 4). */
const LONGEST_CONTROL_ID = 120;

/** Reads a stored record again: decode, parse, map. Needs nothing but the record; never throws. */
export function interpretRecord(record: HisRecord, deps: InterpretDeps): Interpretation {
  const decoded = decodeStored(record.bytes, record.charset, deps.charset);
  if (decoded.kind === 'unreadable') return { kind: 'refused', refusal: unreadableCharset(decoded.declared) };
  return interpretText(decoded.text, { charset: decoded.charset, institution: record.institution }, deps);
}

export function unreadableCharset(declared: string): Refusal {
  return refusal('CHARSET_UNREADABLE', { field: 'MSH-18', value: declared, detail: '内容既不是有效的 UTF-8，也不是有效的 GBK/GB18030（可能有被截断的汉字）' });
}

/** Maps one decoded message. Never throws: whatever goes wrong is a refusal, with a list of the segments that could be read. */
export function interpretText(text: string, at: { readonly charset: DecidedCharset; readonly institution: string }, deps: InterpretDeps): Interpretation {
  let meaning: Interpretation;
  try {
    meaning = mapText(text, at, deps);
  } catch {
    meaning = { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '解析时出现内部错误' }) };
  }
  return meaning.kind === 'refused' ? { kind: 'refused', refusal: withDiagnosis(meaning.refusal, text) } : meaning;
}

function mapText(text: string, at: { readonly charset: DecidedCharset; readonly institution: string }, deps: InterpretDeps): Interpretation {
  const parsed = parseMessage(text, byteReader(at.charset));
  if (parsed.kind === 'unreadable') return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { field: 'MSH', detail: parsed.why }) };
  const controlId = parsed.message.first('MSH')?.text(10).trim() ?? '';
  if (controlId === '') return { kind: 'refused', refusal: refusal('HL7_CONTROL_ID_MISSING', { field: 'MSH-10' }) };
  // ids are keys: nothing invisible may be in them
  if (controlId.length > LONGEST_CONTROL_ID || /[\u0000-\u001f\u007f]/.test(controlId)) {
    return { kind: 'refused', refusal: refusal('HL7_FIELD_INVALID', { field: 'MSH-10', value: controlId, detail: `消息控制编号最长 ${String(LONGEST_CONTROL_ID)} 个字符，不能含控制字符` }) };
  }
  if (deps.mapping?.fromHl7 === undefined) return { kind: 'refused', refusal: refusal('RECORD_UNREADABLE', { detail: '该来源没有配置可读 HL7 的映射（mapping）' }) };
  return deps.mapping.fromHl7(parsed.message, { source: deps.source, institution: at.institution, institutions: deps.institutions, receivedAt: chinaIso(deps.clock.now()) });
}
