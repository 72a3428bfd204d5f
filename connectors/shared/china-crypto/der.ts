/** One element of DER: tag, content, and where it ends. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** a key file or certificate has far fewer */
const MOST_ELEMENTS = 64;

/**
 * Reads the elements that lie side by side.
 * @returns undefined unless they fill the bytes exactly, every length in its shortest form (DER, X.690 10.1)
 */
export function readDer(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (elements.length === MOST_ELEMENTS) return undefined;
    const head = readHead(bytes, at);
    if (head === undefined || head.start + head.length > bytes.length) return undefined;
    elements.push({ tag: head.tag, content: bytes.subarray(head.start, head.start + head.length) });
    at = head.start + head.length;
  }
  return elements;
}

/** @returns the elements inside the single element with this tag, or undefined */
export function readDerInside(bytes: Uint8Array, tag: number): readonly DerElement[] | undefined {
  const [outer, more] = readDer(bytes) ?? [];
  return outer?.tag === tag && more === undefined ? readDer(outer.content) : undefined;
}

/** @returns the element's bytes; content up to 64 KiB */
export function writeDer(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...head), content]);
}

function readHead(bytes: Uint8Array, at: number): { readonly tag: number; readonly start: number; readonly length: number } | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  // tags of more than one byte do not occur in keys
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  if (first < 0x80) return { tag, start: at + 2, length: first };
  const count = first & 0x7f;
  const digits = bytes.subarray(at + 2, at + 2 + count);
  if (count < 1 || count > 3 || digits.length !== count || digits[0] === 0) return undefined;
  const length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
  return length < 0x80 ? undefined : { tag, start: at + 2 + count, length };
}
