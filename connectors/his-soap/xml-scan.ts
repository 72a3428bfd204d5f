/**
 * Cuts XML into tags and text without reading any of it: what neither xml2js nor soap says of a document (declarations, depth,
 * where an argument begins and ends) is decided here, before either sees it. Linear in the length; nothing is expanded.
 */
export type XmlToken =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: string; readonly empty: boolean; readonly start: number; readonly end: number }
  | { readonly kind: 'close'; readonly name: string; readonly start: number; readonly end: number }
  | { readonly kind: 'text' | 'comment' | 'instruction'; readonly start: number; readonly end: number }
  /** start and end of what is inside */
  | { readonly kind: 'cdata'; readonly start: number; readonly end: number }
  /** `<!DOCTYPE`, `<!ENTITY` and their kind */
  | { readonly kind: 'declaration'; readonly start: number }
  | { readonly kind: 'broken'; readonly start: number };

const OPEN = /<([^\s/>"'<=!?]+)((?:[^>"'<]|"[^"<]*"|'[^'<]*')*?)(\/?)>/y;
const CLOSE = /<\/([^\s/>"'<=]+)\s*>/y;

/** The last token is `broken` or `declaration` when the text goes no further as XML. */
export function* scanXml(text: string): Generator<XmlToken, void> {
  let at = 0;
  while (at < text.length) {
    if (text.charCodeAt(at) !== 0x3c) {
      const next = text.indexOf('<', at);
      const end = next < 0 ? text.length : next;
      yield { kind: 'text', start: at, end };
      at = end;
      continue;
    }
    const token = markupAt(text, at);
    yield token.token;
    if (token.next === undefined) return;
    at = token.next;
  }
}

interface Markup { readonly token: XmlToken; readonly next: number | undefined }

function markupAt(text: string, at: number): Markup {
  if (text.startsWith('<!--', at)) return upTo(text, { kind: 'comment', at, from: at + 4, mark: '-->' });
  if (text.startsWith('<![CDATA[', at)) return upTo(text, { kind: 'cdata', at, from: at + 9, mark: ']]>' });
  if (text.startsWith('<?', at)) return upTo(text, { kind: 'instruction', at, from: at + 2, mark: '?>' });
  if (text.startsWith('<!', at)) return { token: { kind: 'declaration', start: at }, next: undefined };
  CLOSE.lastIndex = at;
  const close = CLOSE.exec(text);
  if (close !== null) return { token: { kind: 'close', name: close[1] ?? '', start: at, end: CLOSE.lastIndex }, next: CLOSE.lastIndex };
  OPEN.lastIndex = at;
  const open = OPEN.exec(text);
  if (open === null) return { token: { kind: 'broken', start: at }, next: undefined };
  return { token: { kind: 'open', name: open[1] ?? '', attributes: open[2] ?? '', empty: open[3] === '/', start: at, end: OPEN.lastIndex }, next: OPEN.lastIndex };
}

function upTo(text: string, what: { readonly kind: 'comment' | 'cdata' | 'instruction'; readonly at: number; readonly from: number; readonly mark: string }): Markup {
  const found = text.indexOf(what.mark, what.from);
  if (found < 0) return { token: { kind: 'broken', start: what.at }, next: undefined };
  const end = found + what.mark.length;
  return { token: what.kind === 'cdata' ? { kind: 'cdata', start: what.from, end: found } : { kind: what.kind, start: what.at, end }, next: end };
}

/** @returns the name without its prefix */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** No honest event nests deeper; a parser that recurses must not be made to. */
const MAX_DEPTH = 100;
const MAX_TAGS = 400_000;

/** @returns in Chinese why the text is no single well-nested XML document, or undefined when it is one */
export function xmlProblem(text: string): string | undefined {
  const stack: string[] = [];
  let roots = 0;
  let tags = 0;
  for (const token of scanXml(text)) {
    if (token.kind === 'declaration') return '不接受 DOCTYPE 或实体声明';
    if (token.kind === 'broken') return brokenAt(token.start);
    if (token.kind === 'text' && stack.length === 0 && text.slice(token.start, token.end).trim() !== '') return `根元素之外有多余的内容（第 ${String(token.start + 1)} 个字符）`;
    if (token.kind === 'open') {
      tags += 1;
      if (stack.length === 0) roots += 1;
      if (!token.empty) stack.push(token.name);
      if (roots > 1) return 'XML 只能有一个根元素';
      if (stack.length > MAX_DEPTH || tags > MAX_TAGS) return 'XML 嵌套过深或元素过多';
    } else if (token.kind === 'close' && stack.pop() !== token.name) return `标签 </${token.name.slice(0, 40)}> 与开始标签不匹配`;
  }
  if (roots === 0) return '不是 XML';
  return stack.length === 0 ? undefined : `XML 不完整：<${(stack.at(-1) ?? '').slice(0, 40)}> 没有结束`;
}

export function brokenAt(start: number): string {
  return `第 ${String(start + 1)} 个字符处 XML 不完整或有语法错误`;
}
