import type { EventKind } from '../domain/event.ts';
import { EVENT_KINDS, LINELESS_KINDS } from '../domain/event.ts';

/** What a member of an event means, for the people who write the interface of the HIS. */
export interface EventFieldText {
  readonly zh: string;
  readonly en: string;
  readonly example?: string;
  /** kinds in which it has a meaning; elsewhere it is kept and of no effect */
  readonly kinds: readonly EventKind[];
}

/** Kinds of business in the words of a pharmacy. */
export const KIND_ZH: Readonly<Record<EventKind, string>> = {
  'receipt': '采购入库', 'supplier-return': '采购退货', 'dispense': '发药', 'dispense-return': '退药', 'split-open': '开启拆零', 'stock-count': '盘存', 'stock-gain': '盘盈', 'stock-loss': '盘亏',
  'destroy': '销毁', 'transfer-out': '调拨出库', 'transfer-in': '调拨入库', 'gift-in': '赠药入库', 'gift-return': '赠药退回', 'other-in': '其它入库', 'other-out': '其它出库', 'void': '作废', 'settlement': '结算',
};

const WITH_LINES = EVENT_KINDS.filter((kind) => !LINELESS_KINDS.includes(kind));
const CARE: readonly EventKind[] = ['dispense', 'dispense-return'];
const VISIT: readonly EventKind[] = [...CARE, 'settlement'];
const PARTNER: readonly EventKind[] = ['receipt', 'supplier-return', 'transfer-out', 'transfer-in', 'gift-in', 'gift-return', 'other-in', 'other-out'];
const all = (zh: string, en: string, example?: string): EventFieldText => ({ zh, en, kinds: EVENT_KINDS, ...(example === undefined ? {} : { example }) });
const of = (kinds: readonly EventKind[], zh: string, en: string, example?: string): EventFieldText => ({ zh, en, kinds, ...(example === undefined ? {} : { example }) });

/** Every member of the event of contract section 4, by its path; a test holds this to the schema itself. */
export const EVENT_FIELD_TEXTS: Readonly<Record<string, EventFieldText>> = {
  'id': all('HIS 给这笔业务的唯一编号；与 institution、source 一起构成幂等键：相同内容重发算成功，不同内容被拒（EVENT_CONFLICT）', 'unique id the HIS gives this business; with institution and source the idempotency key', 'OP20261122-000123-1'),
  'source': all('发送方系统的名称，由发送方自定，不要改变；属于幂等键', 'name of the sending system, chosen by the sender and kept; part of the key', 'his'),
  'institution': all('定点医药机构编号，12 位，须在 institutions 中配置', 'institution code, 12 characters, configured under institutions', 'H35010200001'),
  'kind': all('业务种类，决定其它字段是否必填，见下表', 'kind of business; it decides what else is required', 'dispense'),
  'occurredAt': all('业务实际发生的时间，必须带时区偏移', 'when it happened, with the offset from UTC', '2026-11-22T09:31:05+08:00'),
  'documentNo': all('HIS 单据号（处方、入库单等），查询与上报用', 'document number of the HIS', 'CF2026112200123'),
  'location': of(WITH_LINES, '药房或库房名称', 'pharmacy or store', '西药房'),
  'emergency': of(['dispense', 'receipt'], '急抢救先用后补：true 表示 48 小时内补核对；不填为 false', 'used in an emergency before it was verified', 'false'),
  'refers': of(['void', 'dispense-return'], '原事件的 id（同一机构、同一来源）：作废、退药时指明', 'id of the earlier event of the same institution and source', 'OP20261122-000123-1'),
  'operator': of(WITH_LINES, '经办人：发药药师、收货人等', 'who did it: the dispensing pharmacist, the receiver'),
  'prescriber': of(CARE, '开方医生', 'the prescribing doctor'),
  'prescriptionNo': of(CARE, '处方号', 'prescription number', 'CF2026112200123'),
  'patient': of(VISIT, '患者与就诊', 'the patient and the visit'),
  'counterparty': of(PARTNER, '往来单位：供应商、受赠或调拨的对方', 'trading partner: supplier, other member of the alliance'),
  'invoiceNo': of(['receipt', 'supplier-return'], '发票号', 'invoice number', 'FP20261122001'),
  'deliveryNoteNo': of(['receipt', 'supplier-return', 'transfer-in'], '随货同行单号', 'number of the delivery note', 'SH20261122001'),
  'lines': of(WITH_LINES, '明细行，1 至 10000 行；作废和结算不带', 'lines, 1 to 10,000; none for void and settlement'),
  'operator.code': of(WITH_LINES, '工号', 'staff number', '8801'),
  'operator.name': of(WITH_LINES, '姓名；发药时上报为药师姓名', 'name; reported as the pharmacist of a dispense', '演示药师'),
  'operator.licenseNo': of(CARE, '药师执业资格证号', 'pharmacist licence number', 'YS0001'),
  'operator.idType': of(CARE, '证件类型，01 = 居民身份证', 'type of identity document, 01 = identity card', '01'),
  'operator.idNo': of(CARE, '证件号码，文字', 'number of the identity document'),
  'prescriber.code': of(CARE, '医生工号', 'staff number of the doctor', '7001'),
  'prescriber.name': of(CARE, '医生姓名；医保发药上报必需', 'name of the doctor; the insurance platform requires it for a dispense', '演示医生'),
  'prescriber.licenseNo': of(CARE, '医师执业证号', 'licence number of the doctor'),
  'prescriber.idType': of(CARE, '证件类型，01 = 居民身份证', 'type of identity document', '01'),
  'prescriber.idNo': of(CARE, '证件号码，文字', 'number of the identity document'),
  'patient.visitNo': of(VISIT, '就诊号（门诊号或住院号）；结算按它找到发药', 'visit number; a settlement finds its dispenses by it', 'V1001'),
  'patient.class': of(CARE, 'outpatient 门诊、inpatient 住院、emergency 急诊', 'outpatient, inpatient or emergency', 'outpatient'),
  'patient.name': of(VISIT, '患者姓名，文字；不进日志', 'name of the patient; never logged'),
  'patient.idType': of(VISIT, '证件类型，01 = 居民身份证', 'type of identity document', '01'),
  'patient.idNo': of(VISIT, '证件号码，文字；不进日志', 'number of the identity document; never logged'),
  'patient.personNo': of(VISIT, '医保人员编号 psn_no', 'person number of the insurance platform (psn_no)'),
  'patient.insuredArea': of(VISIT, '参保地医保区划，6 位', 'insured area, 6 digits', '350100'),
  'patient.settlementType': of(VISIT, 'insured 医保、self-pay 自费；医保而无 settlementId 的行等结算到来才报医保平台', 'insured or self-pay; insured lines without settlementId wait for the settlement', 'self-pay'),
  'patient.settlementId': of(VISIT, '医保结算编号', 'id of the insurance settlement', 'JS20261122001'),
  'patient.settlementArea': of(VISIT, 'local 本地、remote 异地', 'local or remote', 'local'),
  'counterparty.code': of(PARTNER, 'HIS 的供应商编码；调拨时为对方的定点医药机构编号', 'supplier code of the HIS; for transfers the institution code of the other side', 'G0012'),
  'counterparty.name': of(PARTNER, '单位全称；入库上报医保平台必需，追溯平台按它认供应商', 'full name of the enterprise', '示范医药有限公司'),
  'counterparty.licenseNo': of(PARTNER, '许可证号', 'licence number'),
  'lines[].lineNo': of(WITH_LINES, '行号，本事件内不重复', 'number of the line, unique in the event', '1'),
  'lines[].drug': of(WITH_LINES, 'HIS 药品编码，即药品目录的“药品编码”', 'HIS drug id, the key of the drug catalogue', 'YP00012'),
  'lines[].drugName': of(WITH_LINES, '药品名称，仅供显示；上报用药品目录', 'name, for people only', '演示片'),
  'lines[].quantity': of(WITH_LINES, '数量，十进制文字，大于 0（盘存可为 0），单位见 unit', 'quantity as a decimal string, above 0 (a stock count may find 0), counted in unit', '2'),
  'lines[].unit': of(WITH_LINES, '数量的单位：药品目录的包装单位或最小单位', 'unit of the quantity: pack unit or smallest unit of the catalogue', '盒'),
  'lines[].split': of(WITH_LINES, '拆零：true 表示从已拆开的包装中取，数量按最小单位；不填为 false（split-open 为 true）', 'from an opened pack, counted in smallest units; default false (true for split-open)', 'false'),
  'lines[].unitPrice': of(WITH_LINES, '单价，元，十进制文字，至多 6 位小数；入库与退供应商上报必需', 'price per unit in yuan, decimal string', '12.500000'),
  'lines[].lot': of(WITH_LINES, '批号；该码入库时登记过的可省略', 'lot; may be left out where the receipt of the code told it', 'A2401'),
  'lines[].producedOn': of(WITH_LINES, '生产日期 yyyy-MM-dd', 'date of production', '2026-01-02'),
  'lines[].expiresOn': of(WITH_LINES, '有效期至 yyyy-MM-dd', 'expiry date', '2027-12-31'),
  'lines[].codes': of(WITH_LINES, '追溯码，每个一段文字（不能是数字），任何包装级别；拆零发药可留空，由拆零库分配', 'trace codes as text, any package level; split lines may leave it empty', '["89990010000000011234"]'),
};
