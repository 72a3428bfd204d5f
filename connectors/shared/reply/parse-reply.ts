import { compileJsonPath, parseJsonReply } from './json-reply.ts';
import type { ParsedReply, ReplyFormat, ReplyPath } from './reply-tree.ts';
import { compileXPath, parseXmlReply } from './xml-reply.ts';

/** Parses a reply, hardened: size and depth are bounded, declarations refused. Never throws. */
export function parseReply(text: string, format: ReplyFormat): ParsedReply {
  return format === 'xml' ? parseXmlReply(text) : parseJsonReply(text);
}

/**
 * Compiles an XPath (names without prefix match in any namespace) or a JSON path (`$.a.b[0]`, no scripts).
 * @throws Error in Chinese when it cannot be read
 */
export function compilePath(expression: string, format: ReplyFormat, namespaces: Readonly<Record<string, string>>): ReplyPath {
  return format === 'xml' ? compileXPath(expression, namespaces) : compileJsonPath(expression);
}
