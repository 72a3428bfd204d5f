import { attribute, elementsOf, partText, tagsOf } from './xml-text.ts';

/** How the numbers of one cell style are to be read. */
export interface NumberFormat {
  readonly isDate: boolean;
  /** `0000000`: the number is shown with that many digits */
  readonly padTo: number;
}

const PLAIN: NumberFormat = { isDate: false, padTo: 0 };

/** @returns the number format of every cell style, by style number */
export function readNumberFormats(styles: Uint8Array | undefined): readonly NumberFormat[] {
  if (styles === undefined) return [];
  const xml = partText(styles);
  const custom = new Map<string, string>();
  for (const tag of tagsOf(xml, 'numFmt')) custom.set(attribute(tag, 'numFmtId') ?? '', attribute(tag, 'formatCode') ?? '');
  return tagsOf(elementsOf(xml, 'cellXfs')[0]?.body ?? '', 'xf').map((tag) => {
    const id = attribute(tag, 'numFmtId') ?? '0';
    const code = custom.get(id);
    return code === undefined ? builtIn(Number(id)) : formatOf(code);
  });
}

/** Built-in date formats, those of East Asian editions included (ECMA-376 18.8.30). */
function builtIn(id: number): NumberFormat {
  const isDate = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
  return isDate ? { isDate: true, padTo: 0 } : PLAIN;
}

function formatOf(code: string): NumberFormat {
  const [positive = ''] = code.split(';');
  const bare = positive.replace(/"[^"]*"/g, '').replace(/\\./g, '').replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '').replace(/[_*]./g, '');
  if (/^0{2,20}$/.test(bare)) return { isDate: false, padTo: bare.length };
  return /[ymdhs]/i.test(bare.replace(/general/gi, '').replace(/e[+-]/gi, '')) ? { isDate: true, padTo: 0 } : PLAIN;
}

/**
 * @param serial days since the workbook's epoch, as a spreadsheet stores dates
 * @returns `yyyy-MM-dd`, with the time when there is one; undefined outside 1900–9999
 */
export function serialDate(serial: number, from1904: boolean): string | undefined {
  // 1900 is treated as a leap year: day 60 does not exist, earlier days are one off
  const days = from1904 ? serial + 1_462 : serial < 60 ? serial + 1 : serial;
  if (!Number.isFinite(days) || days < 1 || days >= 2_958_466) return undefined;
  const text = new Date(Date.UTC(1899, 11, 30) + Math.round(days * 86_400) * 1_000).toISOString();
  const time = text.slice(11, 19);
  return time === '00:00:00' ? text.slice(0, 10) : `${text.slice(0, 10)} ${time}`;
}
