import { createRequire } from 'node:module';
import { DOMParser, type Document, type Node } from '@xmldom/xmldom';
import type { ParsedReply, ReplyPath } from './reply-tree.ts';

interface XPathExpression {
  evaluate(context: { readonly node: Node; readonly namespaces?: Readonly<Record<string, string>>; readonly allowAnyNamespaceForNoPrefix: boolean }): XPathResult;
}
type XPathResult = { toArray?(): readonly Node[]; toString(): string };
/** Required, not imported: the types of the package pull the browser's globals into the whole program. */
const xpath = createRequire(import.meta.url)('xpath') as { parse(expression: string): XPathExpression };

const MAX_CHARACTERS = 2 * 1024 * 1024;
const MAX_DEPTH = 100;
const MAX_TAGS = 100_000;
const MAX_FOUND = 10_000;

/** @returns the document, or in Chinese why it is none. DOCTYPE and entities are refused before the parser sees them. */
export function parseXmlReply(text: string): ParsedReply {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const problem = problemOf(trimmed);
  if (problem !== undefined) return { kind: 'unreadable', why: problem };
  try {
    const document = new DOMParser({ locator: false, onError: stopParsing }).parseFromString(trimmed, 'text/xml');
    if (document.documentElement === null) return { kind: 'unreadable', why: '应答不是 XML' };
    forgetPrefixes(document.documentElement);
    return { kind: 'tree', tree: { kind: 'xml', document } };
  } catch {
    return { kind: 'unreadable', why: '应答不是完整的 XML' };
  }
}

/**
 * The XPath package lets a name without prefix match in any namespace only where the node was written without prefix too. Which
 * prefix a platform writes is its own affair, so prefixes are dropped; the namespaces stay, for names that ask for one.
 */
function forgetPrefixes(root: Node): void {
  const waiting: Node[] = [root];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const named = next as Node & { localName?: string | null; attributes?: Iterable<Node & { localName: string | null; namespaceURI: string | null }> };
    if (typeof named.localName === 'string') Object.assign(named, { prefix: null, nodeName: named.localName, tagName: named.localName });
    for (const attribute of named.attributes ?? []) if (attribute.namespaceURI !== XMLNS && attribute.localName !== null) Object.assign(attribute, { prefix: null, nodeName: attribute.localName });
    for (let child = next.firstChild; child !== null; child = child.nextSibling) waiting.push(child);
  }
}

const XMLNS = 'http://www.w3.org/2000/xmlns/';

/** Warnings too: what a reader has to guess about is no clear answer. */
function stopParsing(_level: string, message: string): never {
  throw new Error(message.slice(0, 200));
}

/** What must not reach a parser that builds trees; linear in the length. */
function problemOf(text: string): string | undefined {
  if (text.length > MAX_CHARACTERS) return '应答过大';
  if (!text.startsWith('<')) return '应答不是 XML';
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) return '应答含有 DOCTYPE，已拒绝解析';
  let depth = 0;
  let tags = 0;
  for (const [tag] of text.matchAll(/<(?:!\[CDATA\[[\s\S]*?\]\]>|!--[\s\S]*?-->|\/?[^\s<>!?/][^<>]*>)/g)) {
    if (tag.startsWith('<!')) continue;
    tags += 1;
    if (tag.startsWith('</')) depth -= 1;
    else if (!tag.endsWith('/>')) depth += 1;
    if (depth > MAX_DEPTH || tags > MAX_TAGS) return '应答嵌套过深或元素过多';
  }
  return undefined;
}

/** @throws Error in Chinese when the expression is no XPath */
export function compileXPath(expression: string, namespaces: Readonly<Record<string, string>>): ReplyPath {
  let compiled: XPathExpression;
  try {
    compiled = xpath.parse(expression);
    // an unknown prefix or function shows only when it is evaluated
    evaluate(compiled, new DOMParser({ locator: false }).parseFromString('<x/>', 'text/xml'), namespaces);
  } catch (error) {
    throw new Error(`“${expression.slice(0, 80)}”不是可用的 XPath：${(error as Error).message.slice(0, 120)}`, { cause: error });
  }
  return (tree) => {
    if (tree.kind !== 'xml') return [];
    try {
      return evaluate(compiled, tree.document, namespaces);
    } catch {
      return [];
    }
  };
}

function evaluate(expression: XPathExpression, node: Document, namespaces: Readonly<Record<string, string>>): readonly string[] {
  const result = expression.evaluate({ node, namespaces, allowAnyNamespaceForNoPrefix: true });
  if (result.toArray === undefined) return [result.toString().trim()].filter((text) => text !== '');
  return result.toArray().slice(0, MAX_FOUND).map((found) => (found.textContent ?? found.nodeValue ?? '').trim());
}
