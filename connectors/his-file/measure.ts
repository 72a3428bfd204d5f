import { createHash } from 'node:crypto';

/** What a file is, told by its content; names lie. */
export type FileKind = 'csv' | 'xlsx' | 'xls' | 'hl7' | 'xml' | 'json';
export type FileCharset = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gb18030' | 'unknown';

export interface Measured {
  /** SHA-256 of the content, hex */
  readonly sha: string;
  readonly bytes: number;
  readonly kind: FileKind;
  readonly charset: FileCharset;
}

/** Reads the file once, piece by piece: its hash, what it is, and which charset every byte of it fits. */
export async function measure(chunks: AsyncIterable<Uint8Array>, configured: 'auto' | 'utf-8' | 'gb18030'): Promise<Measured> {
  const hash = createHash('sha256');
  const fits = { 'utf-8': fitting('utf-8'), 'gb18030': fitting('gb18030') };
  let head = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of chunks) {
    if (head.length < 4_096) head = Buffer.concat([head, chunk.subarray(0, 4_096)]);
    hash.update(chunk);
    bytes += chunk.byteLength;
    fits['utf-8'].take(chunk);
    fits.gb18030.take(chunk);
  }
  const mark = markOf(head);
  const charset = mark ?? (configured !== 'auto' ? (fits[configured].end() ? configured : 'unknown') : fits['utf-8'].end() ? 'utf-8' : fits.gb18030.end() ? 'gb18030' : 'unknown');
  return { sha: hash.digest('hex'), bytes, kind: kindOf(head), charset };
}

function markOf(head: Uint8Array): FileCharset | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined;
}

/** Decodes and throws the text away; stops at the first byte that does not fit. */
function fitting(label: string): { take(chunk: Uint8Array): void; end(): boolean } {
  const decoder = new TextDecoder(label, { fatal: true });
  let fits = true;
  const attempt = (work: () => string): void => {
    if (!fits) return;
    try {
      work();
    } catch {
      fits = false;
    }
  };
  return { take: (chunk) => { attempt(() => decoder.decode(chunk, { stream: true })); }, end: () => { attempt(() => decoder.decode()); return fits; } };
}

function kindOf(head: Buffer): FileKind {
  const magic = head.subarray(0, 4).toString('hex');
  if (magic === '504b0304' || magic === '504b0506') return 'xlsx';
  if (magic === 'd0cf11e0') return 'xls';
  const start = head.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '').replace(/^[\s\u0000\u000b]+/, '');
  if (/^(?:FHS|BHS|MSH)[^A-Za-z0-9\s]/i.test(start)) return 'hl7';
  if (start.startsWith('<')) return 'xml';
  return /^[[{]/.test(start) ? 'json' : 'csv';
}

/** The text of the file as it is read; a byte order mark is left out. @throws TypeError at bytes that do not fit, which `measure` has ruled out */
export async function* decoded(chunks: AsyncIterable<Uint8Array>, charset: Exclude<FileCharset, 'unknown'>): AsyncIterable<string> {
  const decoder = new TextDecoder(charset, { fatal: true });
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}
