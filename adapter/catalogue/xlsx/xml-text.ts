/**
 * Just enough XML for spreadsheets: linear in the size of the input whatever it holds, no entities but the five named and
 * the numeric ones, no DTD.
 */
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Longest row or string that is decoded at once, in bytes. */
const MAX_ELEMENT = 16 * 1024 * 1024;
/** Longest part that is decoded as a whole (workbook, styles, relations), in bytes. */
const MAX_PART = 32 * 1024 * 1024;

/** The workbook holds something larger than any real one does. */
export class OversizeError extends Error {}

/** @returns XML text with the five named and all numeric entities decoded; others stay as they are */
export function decodeXml(text: string): string {
  if (!text.includes('&') && !text.includes('_x')) return text;
  return text
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, (whole, hex: string | undefined, dec: string | undefined, name: string | undefined) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const point = hex === undefined ? Number(dec) : parseInt(hex, 16);
      return point > 0 && point <= 0x10FFFF ? String.fromCodePoint(point) : '';
    })
    // how spreadsheets escape control characters
    .replace(/_x([0-9A-F]{4})_/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

const attributePatterns = new Map<string, RegExp>();

/** @returns the value of an attribute of a start tag, decoded; a prefix of the name is left out of account */
export function attribute(tag: string, name: string): string | undefined {
  let pattern = attributePatterns.get(name);
  if (pattern === undefined) {
    pattern = new RegExp(`\\s(?:[\\w.-]+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`);
    attributePatterns.set(name, pattern);
  }
  const match = pattern.exec(tag);
  return match === null ? undefined : decodeXml(match[1] ?? match[2] ?? '');
}

/** One element: its start tag and what is between start and end. */
export interface XmlElement {
  readonly tag: string;
  readonly body: string;
}

/** @returns the elements of that name in order, not nested ones; what has no end is left out */
export function elementsOf(xml: string, name: string): XmlElement[] {
  const elements: XmlElement[] = [];
  const close = `</${name}>`;
  for (let at = nextStart(xml, name, 0); at >= 0;) {
    const tagEnd = xml.indexOf('>', at);
    if (tagEnd < 0) break;
    const tag = xml.slice(at, tagEnd + 1);
    if (tag.endsWith('/>')) {
      elements.push({ tag, body: '' });
      at = nextStart(xml, name, tagEnd);
      continue;
    }
    const end = xml.indexOf(close, tagEnd);
    if (end < 0) break;
    elements.push({ tag, body: xml.slice(tagEnd + 1, end) });
    at = nextStart(xml, name, end);
  }
  return elements;
}

/** @returns the start tags of that name in order */
export function tagsOf(xml: string, name: string): string[] {
  const tags: string[] = [];
  for (let at = nextStart(xml, name, 0); at >= 0;) {
    const end = xml.indexOf('>', at);
    if (end < 0) break;
    tags.push(xml.slice(at, end + 1));
    at = nextStart(xml, name, end);
  }
  return tags;
}

function nextStart(xml: string, name: string, from: number): number {
  const open = `<${name}`;
  for (let at = xml.indexOf(open, from); at >= 0; at = xml.indexOf(open, at + 1)) {
    if (/[\s>/]/.test(xml.charAt(at + open.length))) return at;
  }
  return -1;
}

const decoder = new TextDecoder('utf-8');

/** @returns a whole part as text, prefixes of element names left out: some writers say `<x:row>` */
export function partText(part: Uint8Array | undefined): string {
  if (part === undefined) return '';
  if (part.byteLength > MAX_PART) throw new OversizeError();
  return withoutPrefixes(decoder.decode(part));
}

function withoutPrefixes(xml: string): string {
  return xml.replace(/<(\/?)[A-Za-z_][\w.-]*:(?=[A-Za-z])/g, '<$1');
}

/**
 * Cuts a large part into its repeated elements (`row`, `si`) without ever holding all of it as text: only one element at a
 * time is decoded.
 * @param visit gets the element as text, prefixes left out; returns false to stop
 */
export function eachElement(part: Uint8Array, name: string, visit: (element: string) => boolean): void {
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  const prefix = /<([A-Za-z_][\w.-]*:)?(?:worksheet|sst)[\s>]/.exec(decoder.decode(part.subarray(0, 4_096)))?.[1] ?? '';
  const open = `<${prefix}${name}`;
  const close = `</${prefix}${name}>`;
  for (let at = bytes.indexOf(open); at >= 0;) {
    if (!' \t\r\n/>'.includes(String.fromCharCode(bytes[at + open.length] ?? 0x78))) {
      at = bytes.indexOf(open, at + 1);
      continue;
    }
    const tagEnd = bytes.indexOf('>', at);
    if (tagEnd < 0) return;
    const end = bytes[tagEnd - 1] === 0x2F ? tagEnd + 1 : bytes.indexOf(close, tagEnd);
    if (end < 0) return;
    if (end - at > MAX_ELEMENT) throw new OversizeError();
    const element = decoder.decode(bytes.subarray(at, end));
    if (!visit(prefix === '' ? element : withoutPrefixes(element))) return;
    at = bytes.indexOf(open, end);
  }
}
