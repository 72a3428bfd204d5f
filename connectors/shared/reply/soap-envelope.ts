import type { ParsedReply, ReplyTree } from './reply-tree.ts';
import { compileXPath, parseXmlReply } from './xml-reply.ts';

const NAMESPACES: ReadonlySet<string> = new Set(['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope']);
const bodies = compileXPath('count(/Envelope/Body)', {});
const faults = compileXPath('count(/Envelope/Body/Fault)', {});
const faultCode = compileXPath('string(/Envelope/Body/Fault/faultcode | /Envelope/Body/Fault/Code/Value)', {});
const faultText = compileXPath('string(/Envelope/Body/Fault/faultstring | /Envelope/Body/Fault/Reason/Text)', {});

/** @returns the envelope of SOAP 1.1 or 1.2 with exactly one body, or in Chinese why it is none */
export function soapEnvelope(text: string): ParsedReply {
  const parsed = parseXmlReply(text);
  if (parsed.kind === 'unreadable' || parsed.tree.kind !== 'xml') return parsed;
  const root = parsed.tree.document.documentElement;
  if (root?.localName !== 'Envelope' || !NAMESPACES.has(root.namespaceURI ?? '')) return { kind: 'unreadable', why: '应答不是 SOAP 报文' };
  return bodies(parsed.tree)[0] === '1' ? parsed : { kind: 'unreadable', why: 'SOAP 应答应有且只有一个 Body' };
}

/** @returns code and text of a SOAP fault, or undefined when there is none */
export function soapFaultOf(tree: ReplyTree): { readonly code: string; readonly text: string } | undefined {
  if ((faults(tree)[0] ?? '0') === '0') return undefined;
  return { code: (faultCode(tree)[0] ?? '').slice(0, 100), text: (faultText(tree)[0] ?? '').slice(0, 500) };
}
