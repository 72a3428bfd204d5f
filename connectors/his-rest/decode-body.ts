const CHARSET = /charset\s*=\s*"?([\w-]{1,20})"?/i;

/** Names HIS programs use, and the encoding they mean. GBK is read as GB18030, which contains it. */
const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8', 'utf8': 'utf-8', 'us-ascii': 'utf-8', 'ascii': 'utf-8',
  'gbk': 'gb18030', 'gb2312': 'gb18030', 'gb18030': 'gb18030', 'cp936': 'gb18030',
  'utf-16': 'utf-16le', 'utf-16le': 'utf-16le',
};

export type DecodedBody =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string };

/** @returns the body as text without a byte order mark, or in Chinese why it cannot be read. Bad bytes are never replaced silently. */
export function decodeBody(body: Uint8Array, contentType: string): DecodedBody {
  const declared = (CHARSET.exec(contentType)?.[1] ?? 'utf-8').toLowerCase();
  const encoding = ENCODINGS[declared];
  if (encoding === undefined) return { problem: `不支持字符集 ${declared}，请使用 UTF-8` };
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(body) };
  } catch {
    return { problem: `内容不是有效的 ${declared}；请用 UTF-8 发送，或在 Content-Type 中声明 charset=gbk` };
  }
}
