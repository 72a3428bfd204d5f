/**
 * XML as far as an answer of a SOAP service needs it: elements, text, CDATA. Declarations (DOCTYPE, ENTITY) are refused, nothing
 * is expanded but the five named entities and character references. Linear in the length, bounded in depth.
 */
export interface XmlElement {
  /** without its prefix */
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

export type XmlRead = { readonly root: XmlElement } | { readonly problem: string };

const DEEPEST = 60;
const TAG = /<(\/?)([^\s/>"'<=!?]+)((?:[^>"'<]|"[^"<]*"|'[^'<]*')*?)(\/?)>/y;

interface Building { readonly name: string; readonly tag: string; readonly children: XmlElement[]; text: string }

/** @returns the document element, or what is wrong with the text */
export function readXml(text: string): XmlRead {
  const open: Building[] = [];
  let root: XmlElement | undefined;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const top = open.at(-1);
    if (text.charCodeAt(at) !== 0x3c) {
      const next = text.indexOf('<', at);
      const end = next < 0 ? text.length : next;
      const decoded = decodeEntities(text.slice(at, end));
      if (decoded === undefined) return { problem: '含有未知实体' };
      if (top !== undefined) top.text += decoded;
      else if (decoded.trim() !== '') return { problem: '根元素之外有内容' };
      at = end;
      continue;
    }
    const skipped = skip(text, at);
    if (skipped !== undefined) {
      if ('problem' in skipped) return skipped;
      if (top !== undefined) top.text += skipped.text;
      at = skipped.end;
      continue;
    }
    TAG.lastIndex = at;
    const [whole, slash = '', tag = '', , empty = ''] = TAG.exec(text) ?? [];
    if (whole === undefined) return { problem: '不是完整的 XML' };
    at = TAG.lastIndex;
    if (slash === '') {
      if (top === undefined && root !== undefined) return { problem: '有多个根元素' };
      if (open.length >= DEEPEST) return { problem: '嵌套过深' };
      open.push({ name: tag.slice(tag.indexOf(':') + 1), tag, children: [], text: '' });
      if (empty === '') continue;
    } else if (top?.tag !== tag) return { problem: '标签不配对' };
    const done = open.pop();
    if (done === undefined) return { problem: '标签不配对' };
    const parent = open.at(-1);
    if (parent === undefined) root = done;
    else parent.children.push(done);
  }
  return root === undefined || open.length > 0 ? { problem: '不是完整的 XML' } : { root };
}

/** Comments, instructions and CDATA; undefined for a tag. */
function skip(text: string, at: number): { readonly end: number; readonly text: string } | { readonly problem: string } | undefined {
  for (const [begin, end, kept] of [['<!--', '-->', false], ['<![CDATA[', ']]>', true], ['<?', '?>', false]] as const) {
    if (!text.startsWith(begin, at)) continue;
    const found = text.indexOf(end, at + begin.length);
    if (found < 0) return { problem: '不是完整的 XML' };
    return { end: found + end.length, text: kept ? text.slice(at + begin.length, found) : '' };
  }
  return text.startsWith('<!', at) ? { problem: '含有 DOCTYPE 等声明，已拒绝' } : undefined;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const REFERENCE = /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(lt|gt|quot|apos|amp));|&/g;

function decodeEntities(text: string): string | undefined {
  const unknown: string[] = [];
  const decoded = text.replace(REFERENCE, (whole: string, decimal?: string, hex?: string, named?: string) => {
    if (named !== undefined) return NAMED[named] ?? '';
    const point = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : -1;
    if (point >= 0 && point <= 0x10ffff) return String.fromCodePoint(point);
    unknown.push(whole);
    return '';
  });
  return unknown.length === 0 ? decoded : undefined;
}

/** Characters XML 1.0 cannot carry, even escaped. */
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#xD;' };

/** @returns the text as it may stand between tags or in double quotes; what XML cannot carry is left out */
export function escapeXml(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? '');
}

/** @returns the first element of the name, the element itself included, breadth first */
export function findElement(root: XmlElement, name: string): XmlElement | undefined {
  const queue: XmlElement[] = [root];
  for (let index = 0; index < queue.length; index += 1) {
    const at = queue[index];
    if (at === undefined) return undefined;
    if (at.name === name) return at;
    queue.push(...at.children);
  }
  return undefined;
}
