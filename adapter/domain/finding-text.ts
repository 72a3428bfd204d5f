import type { Language } from './error.ts';
import type { FindingCode } from './finding.ts';

/** What a finding means and what to do about it, for pharmacists. */
interface FindingWords {
  readonly zh: string;
  readonly actionZh: string;
  readonly en: string;
  readonly actionEn: string;
}

const WORDS: Readonly<Record<FindingCode, FindingWords>> = {
  CODE_SHAPE: {
    zh: '追溯码的形式可疑', actionZh: '与药盒上的追溯码核对，必要时重新扫描',
    en: 'the trace code looks wrong', actionEn: 'compare it with the pack and scan again if needed',
  },
  CODE_SCHEME_UNKNOWN: {
    zh: '追溯码不是 20 位码，也不是 GS1 码', actionZh: '核对是否扫错了条码；确为厂家自编码的无需处理',
    en: 'the code is neither a 20-digit code nor a GS1 code', actionEn: 'check that the right bar code was scanned; nothing to do for a maker\'s own scheme',
  },
  CODE_REPEATED_IN_EVENT: {
    zh: '同一追溯码在本单中重复', actionZh: '核对是否同一盒扫了两次；每盒扫自己的码',
    en: 'the same code occurs more than once in this document', actionEn: 'check whether one pack was scanned twice; scan every pack\'s own code',
  },
  CODE_ALREADY_DISPENSED: {
    zh: '该追溯码已经发出过', actionZh: '不要发出这一盒：核对实物，换一盒扫描；若上次发药有误，请先作废或退药；实物确有问题的按可疑药品上报',
    en: 'the code has been dispensed before', actionEn: 'do not hand out this pack: check it and scan another; void or return the earlier dispensing if that was wrong; report a suspicious pack',
  },
  CODE_NOT_IN_STOCK: {
    zh: '该追溯码没有入库记录', actionZh: '补录入库（receipt）或首次盘存（stock-count）；急抢救先用后补的，48 小时内补核对上游信息',
    en: 'there is no receipt of this code', actionEn: 'record the receipt or the first stock count; after emergency use check the upstream data within 48 hours',
  },
  CODE_DRUG_MISMATCH: {
    zh: '追溯码与药品不符（串码）', actionZh: '核对药盒与处方行；药品目录中的标识码有误时请更正目录',
    en: 'the code belongs to another drug', actionEn: 'compare the pack with the line; correct the resource code in the catalogue if that is wrong',
  },
  CODE_EXPIRED: {
    zh: '药品已过有效期', actionZh: '不要使用，下架并按过期药品处理',
    en: 'the pack is past its expiry date', actionEn: 'do not use it; take it off the shelf and handle it as expired stock',
  },
  CODE_COUNT_MISMATCH: {
    zh: '追溯码个数与数量不一致', actionZh: '补扫漏扫的包装，或核对数量、单位与目录中的包装数量',
    en: 'the number of codes does not match the quantity', actionEn: 'scan the missing packs, or check quantity, unit and units per pack in the catalogue',
  },
  CODE_LEVEL_NOT_SMALLEST: {
    zh: '扫的是中包装或大包装的追溯码', actionZh: '发药时扫最小销售包装上的追溯码',
    en: 'the code is that of an inner pack or a case', actionEn: 'scan the code of the smallest sales pack when dispensing',
  },
  DRUG_UNKNOWN: {
    zh: '药品目录中没有这个药品', actionZh: '把该药品加入目录（his-trace import drugs），然后重发待处理的上报',
    en: 'the drug is not in the catalogue', actionEn: 'add it to the catalogue (his-trace import drugs), then resend what needs attention',
  },
  UNIT_UNKNOWN: {
    zh: '数量单位无法换算', actionZh: '核对 HIS 单位与目录中的包装单位、最小单位、包装数量是否一致',
    en: 'the unit cannot be converted', actionEn: 'check the unit against pack unit, smallest unit and units per pack in the catalogue',
  },
  SPLIT_MIXED: {
    zh: '同一追溯码既按整盒又按拆零使用', actionZh: '核对该盒是否已拆开：拆开的只能按拆零发退，未拆开的请勿登记拆零',
    en: 'the same pack is used both whole and split', actionEn: 'check whether it was opened: an opened pack is only dispensed and returned in units',
  },
  SPLIT_ALREADY_OPEN: {
    zh: '该盒已在拆零库', actionZh: '无需再次开启；若是另一盒，请扫它自己的追溯码',
    en: 'the pack is already open', actionEn: 'no need to open it again; if it is another pack, scan its own code',
  },
  CODES_MISSING: {
    zh: '该行没有追溯码', actionZh: '补扫追溯码后更正；确属无码药品的登记无码原因或在目录中标明除外类别',
    en: 'the line has no trace code', actionEn: 'scan and correct it; for a drug without codes record why, or set its exemption in the catalogue',
  },
  REFERS_UNKNOWN: {
    zh: '找不到所引用的原单据', actionZh: '核对 refers；原单据补发后可重试',
    en: 'the document it refers to is not on file', actionEn: 'check refers; retry after the original was sent',
  },
  RETURN_NOT_DISPENSED: {
    zh: '退回的药品没有对应的发药记录', actionZh: '核对是否本院发出的药品；不是本院发出的不得退回入库',
    en: 'there is no dispensing for what is returned', actionEn: 'check that we dispensed it; do not take back what we did not',
  },
  LOT_MISMATCH: {
    zh: '批号与入库记录不一致', actionZh: '以药盒上的批号为准，更正 HIS 批号或入库记录',
    en: 'the lot differs from the receipt', actionEn: 'go by the lot on the pack; correct the HIS or the receipt',
  },
  CODE_ALREADY_IN_STOCK: {
    zh: '该追溯码已在库', actionZh: '核对是否重复入库；重复的请作废其中一单',
    en: 'the code is already in stock', actionEn: 'check for a double receipt; void one of the two',
  },
  CODE_RECEIVED_AFTER_SOLD: {
    zh: '本院已发出的追溯码又作为入库出现', actionZh: '疑似回流药：暂停使用该盒，核对供应商与来源，必要时上报',
    en: 'a code we dispensed came in again', actionEn: 'possibly resold drugs: set the pack aside, check supplier and origin, report if needed',
  },
  CODE_LEFT_STOCK: {
    zh: '该追溯码已退货、调出、销毁或盘亏，不在库中', actionZh: '核对实物与原单据；原单据有误的先作废',
    en: 'the pack has already left the stock', actionEn: 'check the pack and the earlier document; void that one if it was wrong',
  },
  CODE_MOVED_ON: {
    zh: '该追溯码之后又有新的业务，无法按原样撤回', actionZh: '先作废或退回之后的业务，再作废本单',
    en: 'the pack has moved on since and cannot be taken back as it was', actionEn: 'void or return the later business first, then this one',
  },
  RETURN_TOO_MUCH: {
    zh: '退回数量超过原发药尚未退回的数量', actionZh: '核对退药数量与此前的退药；有误的作废本单后重新发送',
    en: 'more is returned than is still out of that dispensing', actionEn: 'compare the quantity with earlier returns; void this document and send it again if it is wrong',
  },
  RETURN_OTHER_PATIENT: {
    zh: '退药与所引用的发药不是同一患者或同一次就诊', actionZh: '核对 refers 与患者；引用错了的作废本单，按正确的原发药重新发送',
    en: 'the return is of another patient or visit than the dispensing it names', actionEn: 'check refers and the patient; if the wrong dispensing was named, void this document and send it again',
  },
  FRACTION_OF_PACK: {
    zh: '数量不是整包装，又不能按拆零处理', actionZh: '核对数量、单位与目录中的包装数量；拆零发药请扫所拆包装的码，并按最小单位以 split 发送；作废本单后重新发送',
    en: 'the quantity is a fraction of a pack that cannot be taken as split', actionEn: 'check quantity, unit and units per pack; send split dispensing in smallest units with the opened pack\'s code, after voiding this document',
  },
  SETTLEMENT_UNUSED: {
    zh: '结算没有对应到发药', actionZh: '先收费后发药的无需处理；已发药的，核对就诊号、发药时间与结算类型是否一致',
    en: 'the settlement belongs to no dispensing on file', actionEn: 'nothing to do when the drugs are handed out later; otherwise check visit number, dispensing time and settlement type',
  },
  SETTLEMENT_AFTER_REPORT: {
    zh: '结算变动之前，发药已经上报', actionZh: '已上报的内容未改动：需要更正的，作废原发药（平台上会撤销），再带 settlementId 以新的事件编号重新发送',
    en: 'the dispensing was reported before this change of its settlement', actionEn: 'what was reported stands: to correct it, void the dispensing and send it again under a new id with its settlementId',
  },
  MEMBER_UNKNOWN: {
    zh: '事件中有不认识的字段，未采用', actionZh: '核对字段名是否写错、位置是否正确；确为 HIS 自用的字段无需处理',
    en: 'the event has members that are not known and were not used', actionEn: 'check spelling and place of the names; nothing to do for members of the HIS\'s own',
  },
  CODE_RECALLED: {
    zh: '药品在召回范围内', actionZh: '不要发出：下架隔离，登记数量，按召回通知退回或上报；已发出的按就诊号联系患者',
    en: 'the pack is under recall', actionEn: 'do not hand it out: set it aside, count it, return or report it as the notice says; contact the visits that received it',
  },
  CODE_DISPENSED_AT_MEMBER: {
    zh: '该追溯码已在医联体其他成员处发出', actionZh: '不要发出这一盒：核对实物与调拨记录；来源说不清的按可疑药品上报',
    en: 'the code has been dispensed at another member of the alliance', actionEn: 'do not hand out this pack: check it and the transfers; report it as suspicious if its origin cannot be told',
  },
  CODE_RETURNED_THEN_SOLD: {
    zh: '该盒曾发给患者又退回', actionZh: '核对退药是否允许再次上架、包装是否完好；不允许的隔离并按本院规定处理',
    en: 'the pack went to a patient and came back before', actionEn: 'check that returned packs may go back on the shelf and that it is intact; otherwise set it aside',
  },
  CODE_NOT_ACTIVATED: {
    zh: '该追溯码在追溯平台上尚未激活', actionZh: '暂停使用该盒，反馈供应商或上市许可持有人激活后再用',
    en: 'the code is not activated at the trace platform', actionEn: 'set the pack aside and have the supplier or the holder activate it first',
  },
  CODE_PLATFORM_WARNING: {
    zh: '追溯平台对该追溯码有预警', actionZh: '核对实物与来源；预警为“已售出”“已注销”或“非平台码”的不要使用，按可疑药品上报',
    en: 'the trace platform warns about this code', actionEn: 'check the pack and its origin; do not use it when it was sold elsewhere, cancelled or never issued, and report it',
  },
  CODE_UNUSUAL_PATTERN: {
    zh: '该追溯码的出现方式异常', actionZh: '疑似回流药或复制码：暂停使用该盒，核对来源与同批实物，必要时上报',
    en: 'the code turns up in an unusual pattern', actionEn: 'possibly resold or copied: set the pack aside, check where it and its neighbours came from, report if needed',
  },
};

/** @returns what a finding means and what to do, without the detail of the single case */
export function findingText(code: FindingCode, language: Language = 'zh'): { readonly message: string; readonly action: string } {
  const words = WORDS[code];
  return language === 'zh' ? { message: words.zh, action: words.actionZh } : { message: words.en, action: words.actionEn };
}
