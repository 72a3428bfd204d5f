/**
 * Details of refusals and findings in English. The product writes them in Chinese, where they arise; what is known here is said
 * again in English, anything else (a platform's own words) stays as it is rather than being lost.
 */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  // shape of an event
  [/^缺少必填项，是否写成了 (.+)？$/, 'is required; was it written as $1?'], [/^缺少必填项：作废必须指明原事件的 id$/, 'is required: a void names the event it cancels'], [/^缺少必填项：结算必须指明就诊号$/, 'is required: a settlement names its visit'],
  [/^缺少必填项：结算必须给出结算编号$/, 'is required: a settlement carries its id'], [/^缺少必填项：至少一行明细$/, 'is required: at least one line'], [/^缺少必填项：调拨必须给出对方机构编号$/, 'is required: a transfer names the other institution'], [/^缺少必填项$/, 'is required'],
  [/^追溯码必须是文本（加引号），不能是 JSON 数字，数字会丢失末尾的位$/, 'a trace code has to be text in quotes, never a JSON number, which loses its last digits'], [/^必须是文本（加引号），不能是 JSON 数字$/, 'has to be text in quotes, not a JSON number'],
  [/^须为文本，收到(.+)$/, 'has to be text'], [/^须为 true 或 false，收到(.+)$/, 'has to be true or false'], [/^须为数组，收到(.+)$/, 'has to be an array'], [/^须为对象，收到(.+)$/, 'has to be an object'],
  [/^只能是 (.+)$/, 'has to be one of $1'], [/^至多 (\d+) 项$/, 'at most $1 items'], [/^至多 (\d+) 个字符$/, 'at most $1 characters'], [/^含有不能保存的字符(?:（.+）)?$/, 'holds characters that cannot be stored (NUL or a lone surrogate)'],
  [/^含有控制字符（.+）$/, 'holds control characters (line break, tab …)'], [/^须为十进制数文本，(?:.+)$/, 'has to be a decimal as text, at most 14 digits before and 6 after the point, for example "12.5"'],
  [/^须为真实日期 yyyy-MM-dd，(?:.+)$/, 'has to be a real date yyyy-MM-dd'], [/^须为带时区偏移的真实时间，(?:.+)$/, 'has to be a real time with offset, for example "2026-11-22T09:31:05+08:00"'], [/^事件须为 JSON 对象$/, 'an event has to be a JSON object'],
  [/^不能小于 0$/, 'must not be below 0'], [/^必须大于 0$/, 'has to be above 0'], [/^退药请发送 dispense-return$/, 'send a dispense-return for what comes back'], [/^与 (.+) 重复$/, 'repeats $1'], [/^一个事件至多 (\d+) 个追溯码$/, 'at most $1 trace codes in one event'],
  [/^(\S+) 事件不带明细行$/, 'a $1 event has no lines'], [/^开启拆零包装（split-open）必须恰好一行$/, 'a split-open has exactly one line'], [/^开启拆零包装时 split 必须为 true$/, 'split has to be true for a split-open'],
  [/^开启拆零包装的数量必须为 1（包装单位）$/, 'the quantity of a split-open is 1 pack'], [/^开启拆零包装必须恰好有一个追溯码$/, 'a split-open carries exactly one trace code'], [/^等，共 (\d+) 处$/, 'and more, $1 in all'],
  // the body of a call
  [/^记录不是 JSON$/, 'the record is not JSON'], [/^内容不完整或有语法错误$/, 'incomplete, or a syntax error'], [/^第 (\d+) 个字符附近有语法错误$/, 'syntax error near character $1'], [/^第 (\d+) 行第 (\d+) 个字符附近有语法错误$/, 'line $1: syntax error near character $2'],
  [/^第 (\d+) 行内容不完整或有语法错误$/, 'line $1: incomplete, or a syntax error'], [/^一次至多 (\d+) 个事件，收到 (\d+) 个$/, 'at most $1 events a call, $2 received'], [/^一次至多 (\d+) 字节，收到 (\d+) 字节$/, 'at most $1 bytes a call, $2 received'], [/^请求体为空$/, 'the body is empty'],
  [/^须为 JSON 对象、数组或逐行 JSON（application\/x-ndjson）$/, 'has to be a JSON object, an array, or application/x-ndjson'], [/^不支持字符集 (.+)，请使用 UTF-8$/, 'character set $1 is not supported, use UTF-8'],
  // void, return, split
  [/^作废和结算事件本身不能被作废$/, 'a void or settlement cannot be voided itself'], [/^原事件已由 (.+) 作废$/, 'the event was voided by $1 already'], [/^已有退药 (.+)，请先作废退药$/, 'there is a return $1: void that first'], [/^原发药事件 (.+) 不在本机$/, 'the dispense $1 is not on file here'],
  [/^药品编码 (.+) 不在药品目录中$/, 'drug $1 is not in the catalogue'], [/^单位“(.+)”无法换算$/, 'unit "$1" cannot be converted'], [/^拆零药品必须先在药品目录中登记（包装数量）$/, 'a drug that is split needs an entry in the catalogue (units per pack)'],
  [/^拆零数量的单位无法换算成最小单位$/, 'the unit of the split quantity cannot be converted to smallest units'], [/^“(.+)”不能按拆零数量登记$/, '$1 cannot be told in split quantities'], [/^开启拆零需要该盒的追溯码$/, 'opening a pack needs its trace code'], [/^该盒已在拆零库$/, 'the pack is in the split stock already'],
  [/^药品目录没有包装数量，无法拆零$/, 'the catalogue has no units per pack, so the drug cannot be split'], [/^拆零数量必须大于 0$/, 'the split quantity has to be above 0'], [/^药品 (\S+) 需要 (\S+)，已开启的包装只剩 (\S+)$/, 'drug $1 needs $2, only $3 left in opened packs'],
  [/^退回数量超过发出数量（可退 (\S+) 最小单位）$/, 'more comes back than went out ($1 smallest units may)'], [/^所扫的包装没有对应的拆零发药记录，拆零库数量未变$/, 'no split dispense of the scanned pack is known, the split stock stays as it is'],
  // codes
  [/^该码没有入库记录$/, 'no receipt of this code is on file'], [/^同一事件中该码出现多次，只计一次$/, 'the code occurs more than once in this event and counts once'], [/^(\S+) 不能折合成整数个最小单位$/, '$1 is no whole number of smallest units'],
  [/^不是 20 位追溯码，也不是 GS1 码，按原样保留$/, 'neither a 20-digit code nor a GS1 code, kept as it is'], [/^该码入库时是药品 (.+)，本行是 (.+)$/, 'the code was received as drug $1, this line says $2'], [/^追溯码与药品不符（串码）$/, 'code and drug do not match'],
  [/^追溯码前 7 位 (\d+) 与该药品登记的标识码不符$/, 'the first 7 digits $1 are not the ones registered for this drug'], [/^有效期至 (.+)$/, 'expired on $1'], [/^发药应扫最小销售包装的追溯码$/, 'scan the code of the smallest pack when dispensing'],
  [/^该码入库批号 (.+)，本行批号 (.+)$/, 'received with lot $1, this line says $2'], [/^该行没有追溯码$/, 'the line has no trace code'], [/^(\S+) 折合 (\S+) 包装，追溯码 (\d+) 个$/, '$1 is $2 packs, with $3 trace codes'],
  [/^该码已拆零，不能再按整盒发出$/, 'the pack has been opened and cannot go out whole'], [/^该码已发出，未再次上报$/, 'dispensed already, not reported again'], [/^该码已在拆零库$/, 'the pack is in the split stock'], [/^该码已在库$/, 'the code is in stock already'],
  [/^该码已拆零用出，不能再按整盒入库$/, 'used as split pack, cannot be received whole again'], [/^该码曾由本院发出，又作为入库出现$/, 'dispensed here before, and now received again'], [/^该码按拆零发出，不能按整盒退回$/, 'went out as split pack, cannot come back whole'],
  [/^本机没有该码的发出记录$/, 'no dispense of this code is on file'], [/^作废的事件之后该码又有变动，状态以后来的为准$/, 'the code moved on after the voided event; the later state stands'], [/^该码已经退回，不能再作废$/, 'the code came back already and cannot be voided'], [/^请先作废退药$/, 'void the return first'],
  [/^作废的退药所退回的单位已再次发出，不能作废$/, 'what the return brought back has gone out again, it cannot be voided'], [/^发出的单位已经退回，不能再作废$/, 'the units came back already, it cannot be voided'],
  [/^该码已发出$/, 'dispensed already'], [/^该码已发出（(.+)）$/, 'dispensed already ($1)'], [/^本单据已发出该盒，重复扫描$/, 'dispensed for this document already: scanned twice'], [/^该码(已退供应商|已调出|已销毁|已盘亏|已其他出库|拆零中|在库|未登记)$/, 'state of the pack: $1'],
  [/^召回通知 (.+?)(?:，(\d) 级召回)?(?:，批号 (.+))?$/, 'recall notice $1, level $2, lot $3'], [/^该药品有批号在召回中，本盒批号未知，请核对盒上批号$/, 'lots of this drug are under recall and the lot of this pack is not known: look at the pack'],
  [/^平台预警：(.+)$/, 'the platform says: $1'], [/^该码已在医联体其他成员处发出$/, 'dispensed at another member of the alliance'], [/^该盒曾退回 (\d+) 次$/, 'came back $1 times'], [/^该码曾由本院发出，未经退药又作为入库出现$/, 'dispensed here, and received again without a return'],
  [/^连续 (\d+) 个流水号都没有入库记录而发出，末位规律相同$/, '$1 consecutive serials went out without a receipt, their check digits in even steps'], [/^该盒已发出过 (\d+) 次$/, 'went out $1 times before'],
  [/^追溯码为空。.+$/, 'the code is empty: scan it again'], [/^这是占位文字，不是追溯码。.+$/, 'a placeholder, not a code: leave codes empty where there is none'], [/^内容太短，不是追溯码。.+$/, 'too short for a trace code: scan again'], [/^内容超过 100 个字符，不是追溯码。.+$/, 'longer than 100 characters: scan pack by pack'],
  [/^含有追溯码中不会出现的字符。.+$/, 'holds characters no trace code has: switch the input method off and scan again'], [/^这是商品条码（69 码等），不是追溯码。.+$/, 'a product bar code, not a trace code: scan the one marked 药品追溯码'],
  [/^追溯码被当作数字处理，末尾数字已丢失，无法还原。.+$/, 'treated as a number, its last digits are lost: make the column text and scan again'], [/^位数不对：追溯码应为 20 位数字.+$/, 'wrong length: a trace code has 20 digits, scan again'],
  [/^GS1 码内容不完整或缺少分隔符（FNC1），.+$/, 'the GS1 code is incomplete or lacks its separator (FNC1)'], [/^GS1 码中没有序列号（AI 21），.+$/, 'the GS1 code has no serial number (AI 21)'], [/^这是物流箱签（SSCC），.+$/, 'a logistic label (SSCC), not a trace code'],
];

const CHINESE = /[\u4E00-\u9FFF]/;
/** `lines[0].quantity 必须大于 0`: the member, then what is wrong with it */
const NAMED = /^([A-Za-z][\w.[\]]*) (.+)$/;

/** @returns the detail in English as far as it is known; several are told apart by `；` */
export function detailInEnglish(detail: string): string {
  if (!CHINESE.test(detail)) return detail;
  const whole = phrase(detail);
  if (whole !== undefined) return whole;
  return detail.split('；').map((part) => {
    const named = NAMED.exec(part);
    const ended = /^(.*?) 等，共 (\d+) 处$/.exec(named?.[2] ?? part);
    const body = ended?.[1] ?? named?.[2] ?? part;
    const said = phrase(body) ?? body;
    return `${named?.[1] === undefined ? '' : `${named[1]} `}${said}${ended === null ? '' : ` and more, ${ended[2] ?? ''} in all`}`;
  }).join('; ');
}

function phrase(text: string): string | undefined {
  const found = PHRASES.find(([pattern]) => pattern.test(text));
  return found === undefined ? undefined : text.replace(found[0], found[1]).replaceAll('、', ', ');
}
