/** One drug of the national insurance catalogue (1301), as far as it says something about a hospital's drug. */
export interface CatalogueRow {
  /** column 1 医疗目录编码 */
  readonly code: string;
  /** columns 8 注册名称, else 4 通用名 */
  readonly name: string | undefined;
  /** column 32 包装规格 */
  readonly spec: string | undefined;
  /** column 45 最小包装单位 */
  readonly packUnit: string | undefined;
  /** column 46 最小制剂单位 */
  readonly smallestUnit: string | undefined;
  /** column 47 转换比: smallest preparation units in one smallest pack */
  readonly unitsPerPack: number | undefined;
  /** column 54 生产企业 */
  readonly manufacturer: string | undefined;
  /** column 62 批准文号 */
  readonly approvalNo: string | undefined;
  /** column 79 有效标志: false for rows the catalogue has withdrawn */
  readonly isValid: boolean;
  /** column 83 版本号 */
  readonly version: string;
}

/** The text cannot be read further. */
export class CatalogueTextFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CatalogueTextFault';
  }
}

/** columns of the interface specification: 97; later versions append, some bureaus cut the tail */
const FEWEST_COLUMNS = 83;
const LONGEST_LINE = 256 * 1024;
const CODE = /^[A-Z][0-9A-Z]{9,49}$/;

/** @returns whether the beginning of a text is that of the insurance catalogue: tab-separated columns behind a catalogue code */
export function looksLikeCatalogue(beginning: string): boolean {
  const [first = ''] = beginning.replace(/^\uFEFF/, '').split(/\r?\n/, 1);
  const cells = first.split('\t');
  return cells.length >= FEWEST_COLUMNS && (CODE.test(cells[0]?.trim() ?? '') || (cells[0] ?? '').includes('目录编码'));
}

/**
 * Reads the text of 1301 row by row: 97 columns parted by tabs, no heads, `null` for empty, UTF-8 (insurance.md, section 2 and 1301).
 * Nothing but the line in hand is kept.
 * @throws CatalogueTextFault for text that is not UTF-8, or a line without end
 */
export async function* catalogueRows(bytes: AsyncIterable<Uint8Array>): AsyncIterable<CatalogueRow | { readonly unreadable: number }> {
  let number = 0;
  for await (const line of linesOf(bytes)) {
    number += 1;
    if (line.trim() === '') continue;
    const cells = line.split('\t');
    if (number === 1 && (cells[0] ?? '').includes('目录编码')) continue;
    yield rowOf(cells) ?? { unreadable: number };
  }
}

function rowOf(cells: readonly string[]): CatalogueRow | undefined {
  const at = (column: number): string | undefined => {
    const text = (cells[column - 1] ?? '').trim();
    return text === '' || text.toLowerCase() === 'null' ? undefined : text;
  };
  const code = at(1);
  if (code === undefined || !CODE.test(code) || cells.length < FEWEST_COLUMNS) return undefined;
  return {
    code, name: at(8) ?? at(4), spec: at(32), packUnit: at(45), smallestUnit: at(46), unitsPerPack: countOf(at(47)), manufacturer: at(54), approvalNo: at(62),
    isValid: at(79) !== '0', version: at(83) ?? '',
  };
}

function countOf(text: string | undefined): number | undefined {
  const match = /^(\d{1,7})(?:\.0+)?$/.exec(text ?? '');
  const count = Number(match?.[1] ?? '0');
  return count > 0 ? count : undefined;
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of bytes) {
    rest += decode(decoder, chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new CatalogueTextFault('有一行过长，不是医保目录文本');
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  rest += decode(decoder, undefined);
  if (rest !== '') yield rest;
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk: Uint8Array | undefined): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new CatalogueTextFault('文件不是 UTF-8 编码。请使用平台下载的原文件，不要用表格软件另存');
  }
}
