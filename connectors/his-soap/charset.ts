import iconv from 'iconv-lite';

export type DecodedBody =
  /** `charset` is what the bytes were read in, as it is kept with the record; `named` the caller's own word for it */
  | { readonly kind: 'text'; readonly text: string; readonly charset: string; readonly named: string }
  | { readonly kind: 'unreadable'; readonly declared: string };

const CONTENT_TYPE = /charset\s*=\s*["']?([\w.:-]{1,40})/i;
const DECLARATION = /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/i;

/** Names HIS programs use, without punctuation. GB18030 holds GBK and GB2312. */
const FAMILIES: Readonly<Record<string, string>> = {
  UTF8: 'utf-8', USASCII: 'utf-8', ASCII: 'utf-8',
  GBK: 'gb18030', GB2312: 'gb18030', GB18030: 'gb18030', CP936: 'gb18030', MS936: 'gb18030', WINDOWS936: 'gb18030', XGBK: 'gb18030', EUCCN: 'gb18030',
  UTF16: 'utf-16le', UTF16LE: 'utf-16le', UTF16BE: 'utf-16be',
};

/** Chinese text in UTF-8 of this many characters cannot be GBK by chance. */
const UNMISTAKABLE = 8;

/**
 * Decodes the whole body before any of it is parsed (soap itself knows UTF-8 only). Order: byte order mark, charset of the Content-Type,
 * encoding of the XML declaration, UTF-8, GB18030; a statement that does not fit the bytes is passed over, because libraries write
 * "utf-8" and "utf-16" by default whatever follows. Bad bytes are never replaced.
 */
export function decodeBody(bytes: Uint8Array, contentType: string): DecodedBody {
  const marked = markOf(bytes);
  const typed = CONTENT_TYPE.exec(contentType)?.[1] ?? '';
  const declared = DECLARATION.exec(Buffer.from(bytes.subarray(0, 300)).toString('latin1').replace(/^(?:\u00ef\u00bb\u00bf)/, ''))?.[1] ?? '';
  const wide = wideUtf8(bytes);
  const stated = [marked, familyOf(typed), familyOf(declared)].filter((family) => family !== undefined);
  // a damaged UTF-8 text decodes as wrong hanzi in GB18030: only taken where nobody said UTF-8
  const candidates = stated.includes('utf-8') ? [...stated, 'utf-8'] : [...stated, 'utf-8', 'gb18030'];
  for (const family of wide ? ['utf-8', ...candidates] : candidates) {
    const text = decodeAs(bytes, family);
    if (text !== undefined) return { kind: 'text', text, charset: family, named: family === familyOf(typed) ? typed : family === familyOf(declared) ? declared : family };
  }
  return { kind: 'unreadable', declared: typed !== '' ? typed : declared };
}

/** @returns the text of stored bytes in the charset kept with them, or undefined when they do not fit it */
export function decodeAs(bytes: Uint8Array, family: string): string | undefined {
  // the declaration of a default serializer; the bytes are single
  if (family.startsWith('utf-16') && (bytes.byteLength % 2 !== 0 || !bytes.subarray(0, 64).includes(0))) return undefined;
  try {
    return new TextDecoder(family, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** An answer in bytes: UTF-8, or the caller's own GBK or GB18030. */
export function encodeAnswer(xml: string, named: string): { readonly bytes: Uint8Array; readonly charset: string } {
  if (familyOf(named) !== 'gb18030') return { bytes: Buffer.from(xml, 'utf8'), charset: 'utf-8' };
  const charset = named.includes('18030') ? 'GB18030' : 'GBK';
  return { bytes: iconv.encode(xml.replace(/^(<\?xml[^>]*encoding=")[^"]*"/, `$1${charset}"`), charset), charset };
}

function familyOf(name: string): string | undefined {
  return FAMILIES[name.toUpperCase().replace(/[^A-Z0-9]/g, '')];
}

function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** Whether the bytes are UTF-8 with so many hanzi that another statement must be wrong. */
function wideUtf8(bytes: Uint8Array): boolean {
  const text = decodeAs(bytes, 'utf-8');
  return text !== undefined && (text.match(/[\u2e80-\ufffc]/g)?.length ?? 0) >= UNMISTAKABLE;
}
