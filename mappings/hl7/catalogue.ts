import type { Drug } from '../../adapter/domain/drug.ts';
import { refusal } from '../../adapter/domain/refusal.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import type { CatalogueEntry, CatalogueMember, CatalogueReading } from '../../adapter/ports/catalogue-intake.ts';
import type { MappingContext } from '../../adapter/ports/his-mapping.ts';
import type { Hl7Message, Hl7Segment } from '../../adapter/ports/hl7-message.ts';
import { CATALOGUE_LAYOUTS, memberText } from './catalogue-layouts.ts';
import type { CatalogueLayout } from './catalogue-layouts.ts';
import { label, value } from './field-text.ts';
import { isType, messageTypeOf } from './message-type.ts';
import { fieldName } from './problems.ts';
import { instantOf } from './time.ts';

/** MFE-1, HL7 table 0180. A drug that is deleted stays in the catalogue, marked: its stock, returns and reports still need it. */
const ACTIONS: Readonly<Record<string, CatalogueEntry['action']>> = { MAD: 'add', MUP: 'update', MDC: 'deactivate', MDL: 'deactivate', MAC: 'activate' };
const MAX_ENTRIES = 1_000;
const LONGEST_ID = 64;
const DRUG_FILE = /drug|med|pharm|药/i;

/** An MFE with the segments that follow it. */
interface Group { readonly mfe: Hl7Segment; readonly details: readonly Hl7Segment[] }

/**
 * Reads MFN^M01, M13 and M15 as changes of the drug catalogue (contract section 6, his.md a.2): MFI for the file, MFE for each drug, its
 * members in ZMD (ours), Z06 or IIM.
 * @returns undefined for any other message
 */
export function readCatalogue(message: Hl7Message, context: MappingContext): CatalogueReading | undefined {
  const type = messageTypeOf(message);
  if (!isType(type, 'MFN', ['M01', 'M13', 'M15']) || type.event === '') return undefined;
  const mfi = message.first('MFI');
  if (mfi === undefined) return refused(refusal('HL7_SEGMENT_MISSING', { field: 'MFI', detail: '目录消息须有 MFI 段' }));
  const mode = value(mfi, 3).toUpperCase();
  if (mode !== '' && mode !== 'UPD') return refused(refusal('HL7_FIELD_INVALID', { field: 'MFI-3', value: mode, detail: '只支持逐条更新（UPD）；整表替换请用 his-trace import drugs' }));
  const groups = groupsOf(message);
  if (groups.length === 0) return refused(refusal('HL7_SEGMENT_MISSING', { field: 'MFE', detail: '目录消息须有 MFE 段，每个药品一个' }));
  if (groups.length > MAX_ENTRIES) return refused(refusal('RECORD_TOO_LARGE', { field: 'MFE', detail: `一条消息至多 ${String(MAX_ENTRIES)} 个药品，收到 ${String(groups.length)} 个` }));
  if (!groups.some(({ details }) => details.length > 0) && !DRUG_FILE.test(mfi.raw(1))) {
    return refused(refusal('HL7_TYPE_UNSUPPORTED', { field: 'MSH-9', value: type.shown, detail: `MFI-1 ${value(mfi, 1)} 不是药品目录；只接收药品目录的 MFN 消息` }));
  }
  return { kind: 'catalogue', entries: groups.map((group, at) => entryOf(group, at + 1, context)) };
}

function refused(why: Refusal): CatalogueReading {
  return { kind: 'refused', refusal: why };
}

function groupsOf(message: Hl7Message): readonly Group[] {
  const groups: { mfe: Hl7Segment; details: Hl7Segment[] }[] = [];
  for (const segment of message.segments) {
    if (segment.name === 'MFE') groups.push({ mfe: segment, details: [] });
    else if (CATALOGUE_LAYOUTS.some((layout) => layout.segment === segment.name)) groups.at(-1)?.details.push(segment);
  }
  return groups;
}

function entryOf({ mfe, details }: Group, no: number, context: MappingContext): CatalogueEntry {
  const action = ACTIONS[value(mfe, 1).toUpperCase()];
  const key = keyOf(mfe, details);
  const entry = { no, action: action ?? 'update', drug: key.drug, drugAt: key.at, members: {} } as const;
  if (action === undefined) return { ...entry, refusal: refusal('HL7_FIELD_INVALID', { field: fieldName(mfe, 1), value: value(mfe, 1), detail: '须为 MAD、MUP、MDC、MDL 或 MAC' }) };
  if (key.refusal !== undefined) return { ...entry, refusal: key.refusal };
  const effective = value(mfe, 3) === '' ? undefined : instantOf(value(mfe, 3));
  if (value(mfe, 3) !== '' && effective === undefined) return { ...entry, refusal: refusal('HL7_FIELD_INVALID', { field: fieldName(mfe, 3), value: value(mfe, 3), detail: '不是真实的时间，格式应为 yyyyMMddHHmmss' }) };
  // a day of grace: clocks differ, and senders write the date alone
  if (effective !== undefined && Date.parse(effective) > Date.parse(context.receivedAt) + 86_400_000) {
    return { ...entry, refusal: refusal('HL7_FIELD_INVALID', { field: fieldName(mfe, 3), value: value(mfe, 3), detail: '生效时间未到；请在生效时再发送' }) };
  }
  const named = mfe.text(4, 2, 0).trim();
  const members: Partial<Record<keyof Drug, CatalogueMember>> = named === '' ? {} : { name: { value: label(mfe, 4), at: fieldName(mfe, 4) } };
  for (const segment of details) Object.assign(members, membersOf(segment));
  return { ...entry, action: closed(details) ? 'deactivate' : action, members };
}

/** MFE-4 and the key of the detail segment are the same id written twice; when they differ nobody knows which drug is meant. */
function keyOf(mfe: Hl7Segment, details: readonly Hl7Segment[]): { readonly drug: string; readonly at: string; readonly refusal?: Refusal } {
  const given: { readonly drug: string; readonly at: string }[] = [{ drug: value(mfe, 4), at: fieldName(mfe, 4) }];
  for (const segment of details) {
    const layout = layoutOf(segment);
    const field = layout?.fields.drug;
    if (field !== undefined) given.push({ drug: value(segment, field), at: fieldName(segment, field) });
  }
  const [first, ...others] = given.filter(({ drug }) => drug !== '');
  const at = fieldName(mfe, 4);
  if (first === undefined) return { drug: '', at, refusal: refusal('HL7_FIELD_INVALID', { field: at, detail: '缺少药品编码' }) };
  if (first.drug.length > LONGEST_ID || /[\u0000-\u001f\u007f\p{Cs}]/u.test(first.drug)) {
    return { ...first, refusal: refusal('HL7_FIELD_INVALID', { field: first.at, value: first.drug, detail: `药品编码最长 ${String(LONGEST_ID)} 个字符，不能含控制字符` }) };
  }
  const other = others.find(({ drug }) => drug !== first.drug);
  return other === undefined ? first : { ...first, refusal: refusal('HL7_FIELD_INVALID', { field: other.at, value: other.drug, detail: `与 ${first.at} 的药品编码 ${first.drug} 不一致` }) };
}

function membersOf(segment: Hl7Segment): Readonly<Partial<Record<keyof Drug, CatalogueMember>>> {
  const layout = layoutOf(segment);
  if (layout === undefined) return {};
  const members: Partial<Record<keyof Drug, CatalogueMember>> = {};
  for (const member of Object.keys(layout.fields) as (keyof Drug)[]) {
    if (member === 'drug') continue;
    const text = memberText(segment, layout, member);
    if (text !== undefined) members[member] = { value: text, at: fieldName(segment, layout.fields[member] ?? 0) };
  }
  if (layout.selfMade !== undefined && value(segment, layout.selfMade) === '1') members.exemption = { value: 'inhouse', at: fieldName(segment, layout.selfMade) };
  return members;
}

function closed(details: readonly Hl7Segment[]): boolean {
  return details.some((segment) => {
    const field = layoutOf(segment)?.valid;
    return field !== undefined && value(segment, field) === '0';
  });
}

function layoutOf(segment: Hl7Segment): CatalogueLayout | undefined {
  return CATALOGUE_LAYOUTS.find((layout) => layout.segment === segment.name);
}
