/** Why a scan cannot be used as a trace code. */
export const UNUSABLE_REASONS = [
  'empty', 'placeholder', 'too-short', 'too-long', 'unreadable', 'foreign-characters', 'product-barcode', 'number-mangled', 'wrong-length',
  'gs1-ambiguous', 'gs1-no-serial', 'logistics-label', 'several-codes',
] as const;
export type UnusableReason = (typeof UNUSABLE_REASONS)[number];

/** What was done to a scan to read it; worth showing, never worth stopping for. */
export const READING_NOTES = [
  'joined', 'doubled', 'from-link', 'noise-removed', 'shift-held', 'caps-lock', 'case-folded', 'gtin-check-digit', 'date-unreadable',
  'looks-rounded', 'link-kept',
] as const;
export type ReadingNote = (typeof READING_NOTES)[number];

const UNUSABLE: Readonly<Record<UnusableReason, string>> = {
  'empty': '追溯码为空。请重新扫描药盒上的追溯码',
  'placeholder': '这是占位文字，不是追溯码。没有追溯码时请把 codes 留空，不要填写“无”“null”或一串 0',
  'too-short': '内容太短，不是追溯码。请重新扫描药盒上的追溯码（通常 20 位）',
  'too-long': '内容超过 100 个字符，不是追溯码。请逐盒扫描，每次只扫一个码',
  'unreadable': '内容已损坏（字符集不对或扫描中断）。请重新扫描，并检查传输所用的字符集',
  'foreign-characters': '含有追溯码中不会出现的字符。请关闭中文输入法后重新扫描',
  'product-barcode': '这是商品条码（69 码等），不是追溯码。请扫描药盒上标有“药品追溯码”的条码',
  'number-mangled': '追溯码被当作数字处理，末尾数字已丢失，无法还原。请把该列改为文本格式，重新扫描或重新导出',
  'wrong-length': '位数不对：追溯码应为 20 位数字，可能漏扫或多扫了数字。请重新扫描',
  'gs1-ambiguous': 'GS1 码内容不完整或缺少分隔符（FNC1），无法确定序列号。请重新扫描；仍不行时请让扫码枪传送 GS 字符（ASCII 29），或按盒上文字输入 (01)…(21)…',
  'gs1-no-serial': 'GS1 码中没有序列号（AI 21），不能确定是哪一盒。请扫描药盒上的二维码',
  'logistics-label': '这是物流箱签（SSCC），不是药品追溯码。请扫描药品包装上的追溯码',
  'several-codes': '一次扫描中有几种可能的追溯码，无法确定是哪一个。请逐个重新扫描',
};

/** @returns one Chinese sentence: what is wrong with the scan and what to do. */
export function unusableText(reason: UnusableReason): string {
  return UNUSABLE[reason];
}

const NOTES: Readonly<Record<ReadingNote, string>> = {
  'joined': '一次扫描中连着多个追溯码，已分开',
  'doubled': '同一追溯码重复扫描，只计一次',
  'from-link': '追溯码取自二维码中的网址或说明文字',
  'noise-removed': '已去掉扫描中混入的多余字符',
  'shift-held': '扫描时 Shift 键被按住，已还原为数字',
  'caps-lock': '扫描时大写锁定打开，已还原字母大小写',
  'case-folded': '序列号只有小写字母，已按大写登记',
  'gtin-check-digit': 'GS1 商品编号（GTIN）的校验位不符，请核对是否手工输入有误',
  'date-unreadable': 'GS1 码中的日期不是真实日期，未采用',
  'looks-rounded': '末尾数字疑似因按数字格式保存而变为 0，请与药盒核对',
  'link-kept': '二维码是网址，其中没有 20 位追溯码，按原样保留',
};

/** @returns one Chinese sentence about what was done to the scan. */
export function noteText(note: ReadingNote): string {
  return NOTES[note];
}
