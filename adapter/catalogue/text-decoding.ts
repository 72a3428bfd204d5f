import type { FileFault } from './table.ts';

/** The text of a file and the encoding it was found to be in. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16' | 'GB18030';
}

/**
 * Decodes a text file: by its byte-order mark, else UTF-8 when every byte fits, else GB18030, of which GBK and GB2312 are part.
 * GBK text that happens to be valid UTF-8 throughout is as good as impossible with Chinese heads in it.
 */
export function decodeText(bytes: Uint8Array): DecodedText | FileFault {
  if (startsWith(bytes, [0xFF, 0xFE])) return decodeAs('utf-16le', 'UTF-16', bytes);
  if (startsWith(bytes, [0xFE, 0xFF])) return decodeAs('utf-16be', 'UTF-16', bytes);
  const utf8 = decodeAs('utf-8', 'UTF-8', bytes);
  if ('text' in utf8 || startsWith(bytes, [0xEF, 0xBB, 0xBF])) return utf8;
  return decodeAs('gb18030', 'GB18030', bytes);
}

function decodeAs(label: string, encoding: DecodedText['encoding'], bytes: Uint8Array): DecodedText | FileFault {
  try {
    const text = new TextDecoder(label, { fatal: true }).decode(bytes);
    if (text.includes('\u0000')) return { fault: '文件不是文本文件。请从 Excel 另存为“CSV UTF-8”或 xlsx 后重新导入' };
    return { text, encoding };
  } catch {
    return { fault: '文件的字符编码无法识别（支持 UTF-8、GBK、GB18030）。请从 Excel 另存为“CSV UTF-8”或 xlsx 后重新导入' };
  }
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}
