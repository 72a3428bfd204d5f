import type { Shape, SoapVersion } from './shapes.ts';
import { brokenAt, localName, scanXml } from './xml-scan.ts';
import type { XmlToken } from './xml-scan.ts';
import { decodeEntities, escapeXml, unescapeOnce } from './xml-text.ts';

/** One argument as text, whatever the caller wrote it as: escaped, CDATA, or XML. */
export interface Argument {
  readonly name: string;
  readonly text: string;
}

export type ReadEnvelope =
  | { readonly kind: 'call'; readonly version: SoapVersion; readonly operation: string; readonly namespace: string; readonly given: readonly Argument[] }
  | { readonly kind: 'refused'; readonly version: SoapVersion | undefined; readonly why: string; readonly versionMismatch?: true };

export const ENVELOPES: Readonly<Record<SoapVersion, string>> = {
  '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
  '1.2': 'http://www.w3.org/2003/05/soap-envelope',
};

const MAX_DEPTH = 200;
const MAX_ARGUMENTS = 20;
const LONGEST_NAMESPACE = 300;
const ARGUMENT = /^[\p{L}_][\p{L}\p{N}._-]{0,63}$/u;
const NAMESPACES = /(?:^|\s)xmlns(?::([^\s=]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

class EnvelopeFault extends Error {}

interface Open { readonly name: string; readonly namespaces: ReadonlyMap<string, string> }

/**
 * Reads an envelope as far as its arguments; headers, comments and attributes are passed over. soap reads `xsi:type`, CDATA with an
 * XML declaration and WS-Security headers in ways that lose the text of an argument or change the answer, so none of them reaches it.
 * An argument that was given as XML instead of text counts as the text of that XML. Never throws.
 */
export function readEnvelope(text: string): ReadEnvelope {
  const reader = new EnvelopeReader(text);
  try {
    return reader.read();
  } catch (fault) {
    if (!(fault instanceof EnvelopeFault)) throw fault;
    return { kind: 'refused', version: reader.version, why: fault.message, ...(reader.mismatch ? { versionMismatch: true } : {}) };
  }
}

class EnvelopeReader {
  version: SoapVersion | undefined;
  mismatch = false;
  readonly #text: string;
  readonly #stack: Open[] = [];
  readonly #given: Argument[] = [];
  #operation: { readonly name: string; readonly namespace: string } | undefined;
  #ended = false;
  /** the argument being read: where its content starts, the pieces of its text, whether there are tags in it */
  #argument: { readonly name: string; readonly from: number; readonly pieces: string[]; marked: boolean } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ReadEnvelope {
    for (const token of scanXml(this.#text)) this.#take(token);
    if (!this.#ended) throw new EnvelopeFault('SOAP 报文不完整');
    if (this.#operation === undefined || this.version === undefined) throw new EnvelopeFault('SOAP Body 中没有操作');
    return { kind: 'call', version: this.version, operation: this.#operation.name, namespace: this.#operation.namespace, given: this.#given };
  }

  #take(token: XmlToken): void {
    switch (token.kind) {
      case 'declaration': throw new EnvelopeFault('不接受 DOCTYPE 或实体声明');
      case 'broken': throw new EnvelopeFault(brokenAt(token.start));
      case 'comment': case 'instruction': return;
      case 'text': this.#takeText(this.#decoded(this.#text.slice(token.start, token.end))); return;
      case 'cdata': this.#takeText(this.#text.slice(token.start, token.end)); return;
      case 'open': this.#open(token); return;
      case 'close': this.#close(token.name, token.start); return;
    }
  }

  #decoded(text: string): string {
    const decoded = decodeEntities(text);
    if (decoded === undefined) throw new EnvelopeFault('含有未定义的实体引用，或没有转义的 &');
    return decoded;
  }

  #takeText(text: string): void {
    if (this.#argument !== undefined) this.#argument.pieces.push(text);
    else if (this.#stack.length === 0 && text.replace(/^\ufeff/, '').trim() !== '') throw new EnvelopeFault('不是 SOAP 报文');
  }

  #open(token: Extract<XmlToken, { kind: 'open' }>): void {
    if (this.#ended) throw new EnvelopeFault('Envelope 之后有多余的内容');
    if (this.#stack.length >= MAX_DEPTH) throw new EnvelopeFault('XML 嵌套过深');
    const depth = this.#stack.length;
    this.#stack.push({ name: token.name, namespaces: this.#argument === undefined ? this.#namespacesWith(token.attributes) : (this.#stack.at(-1)?.namespaces ?? new Map<string, string>()) });
    if (depth === 0) this.#openEnvelope(token.name);
    else if (depth >= 2 && localName(this.#stack[1]?.name ?? '') === 'Body') this.#openInBody(depth, token);
    if (token.empty) this.#close(token.name, token.end);
  }

  #openEnvelope(name: string): void {
    const namespace = this.#namespaceOf(name);
    if (localName(name) !== 'Envelope') throw new EnvelopeFault('不是 SOAP 报文：根元素须为 Envelope');
    this.version = namespace === ENVELOPES['1.2'] ? '1.2' : namespace === ENVELOPES['1.1'] ? '1.1' : undefined;
    if (this.version !== undefined) return;
    this.mismatch = true;
    throw new EnvelopeFault('Envelope 的命名空间既不是 SOAP 1.1 也不是 SOAP 1.2');
  }

  #openInBody(depth: number, token: Extract<XmlToken, { kind: 'open' }>): void {
    if (depth === 2) {
      if (this.#operation !== undefined) throw new EnvelopeFault('SOAP Body 中只能有一个操作');
      const namespace = this.#namespaceOf(token.name);
      this.#operation = { name: localName(token.name), namespace: namespace.length > LONGEST_NAMESPACE ? '' : namespace };
    } else if (depth === 3) {
      const name = localName(token.name);
      if (!ARGUMENT.test(name) || name === '__proto__' || this.#given.length >= MAX_ARGUMENTS) throw new EnvelopeFault('参数名称无效或参数过多');
      this.#argument = { name, from: token.end, pieces: [], marked: false };
    } else if (this.#argument !== undefined) this.#argument.marked = true;
  }

  #close(name: string, start: number): void {
    if (this.#stack.pop()?.name !== name) throw new EnvelopeFault(`标签 </${name.slice(0, 40)}> 与开始标签不匹配`);
    if (this.#stack.length === 3 && this.#argument !== undefined) {
      const { name: argument, from, pieces, marked } = this.#argument;
      this.#given.push({ name: argument, text: marked ? this.#text.slice(from, start) : pieces.join('') });
      this.#argument = undefined;
    }
    if (this.#stack.length === 0) this.#ended = true;
  }

  #namespacesWith(attributes: string): ReadonlyMap<string, string> {
    const outer = this.#stack.at(-1)?.namespaces ?? new Map<string, string>();
    const own = [...attributes.matchAll(NAMESPACES)].map(([, prefix = '', double, single]) => [prefix, unescapeOnce(double ?? single ?? '')] as const);
    return own.length === 0 ? outer : new Map([...outer, ...own]);
  }

  #namespaceOf(name: string): string {
    const colon = name.indexOf(':');
    return this.#stack.at(-1)?.namespaces.get(colon < 0 ? '' : name.slice(0, colon))?.trim() ?? '';
  }
}

/** @returns the same call with nothing in it but what soap has to see */
export function composeEnvelope(call: { readonly version: SoapVersion; readonly shape: Shape; readonly given: readonly Argument[] }): string {
  const given = call.given.map(({ name, text }) => `<${name}>${escapeXml(text)}</${name}>`).join('');
  const body = `<${call.shape.operation} xmlns="${escapeXml(call.shape.namespace)}">${given}</${call.shape.operation}>`;
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPES[call.version]}"><soap:Body>${body}</soap:Body></soap:Envelope>`;
}
