import type { CallFault, OpenedText } from './exchange.ts';
import type { SoapShape } from './profile.ts';
import { escapeXml, findElement, readXml } from './xml-tree.ts';
import type { XmlElement } from './xml-tree.ts';

/** The message inside one string argument of a SOAP operation (insurance.md section 5). */
export interface SoapWire {
  readonly headers: Readonly<Record<string, string>>;
  /** @param members the message as it would travel by REST */
  wrap(members: Readonly<Record<string, unknown>>): string;
  /** @returns the text inside the result element as JSON text, or what stood there instead */
  unwrap(text: string): { readonly text: string } | Exclude<OpenedText, { readonly kind: 'members' }>;
}

const NAMESPACES = { '1.1': 'http://schemas.xmlsoap.org/soap/envelope/', '1.2': 'http://www.w3.org/2003/05/soap-envelope' } as const;

/** @returns the wire of the configured names, SOAP 1.1 (text/xml, SOAPAction) or 1.2 (application/soap+xml, action parameter) */
export function soapWire(shape: SoapShape): SoapWire {
  const action = shape.action === '' ? `${shape.namespace.replace(/\/?$/, '/')}${shape.operation}` : shape.action;
  const headers = shape.version === '1.1'
    ? { 'content-type': 'text/xml; charset=utf-8', 'soapaction': `"${action}"`, 'accept': 'text/xml' }
    : { 'content-type': `application/soap+xml; charset=utf-8; action="${action}"`, 'accept': 'application/soap+xml' };
  return {
    headers,
    wrap(members) {
      const payload = shape.payload === 'json' ? JSON.stringify(members) : `<?xml version="1.0" encoding="UTF-8"?>${xmlOf('request', members)}`;
      return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${NAMESPACES[shape.version]}"><soap:Body>`
        + `<${shape.operation} xmlns="${escapeXml(shape.namespace)}"><${shape.argument}>${escapeXml(payload)}</${shape.argument}></${shape.operation}></soap:Body></soap:Envelope>`;
    },
    unwrap: (text) => unwrap(text, shape),
  };
}

function unwrap(text: string, shape: SoapShape): ReturnType<SoapWire['unwrap']> {
  const read = readXml(text);
  if ('problem' in read) return { kind: 'unreadable', why: `应答不是可读的 SOAP：${read.problem}` };
  const body = read.root.name === 'Envelope' ? read.root.children.find((child) => child.name === 'Body') : undefined;
  if (body === undefined) return { kind: 'unreadable', why: '应答不是 SOAP 报文' };
  const fault = body.children.find((child) => child.name === 'Fault');
  if (fault !== undefined) return { kind: 'fault', fault: faultOf(fault) };
  const result = findElement(body, shape.result);
  if (result === undefined) return { kind: 'unreadable', why: `应答没有 ${shape.result} 元素` };
  if (shape.payload === 'json') return { text: result.text.trim() };
  const inner = result.children.length > 0 ? { root: { ...result, children: result.children } } : readXml(result.text.trim());
  if ('problem' in inner) return { kind: 'unreadable', why: `应答内容不是可读的 XML：${inner.problem}` };
  const value = valueOf(inner.root);
  return { text: JSON.stringify(value) };
}

/** refused by the layer around the message, before the operation: SOAP 1.1 section 4.4.1, SOAP 1.2 part 1 section 5.4.6 */
const NOT_OURS = /(^|:)(Client|Sender|VersionMismatch|MustUnderstand|DataEncodingUnknown)(\.|$)/;

function faultOf(fault: XmlElement): CallFault {
  const code = (fault.children.find((child) => child.name === 'faultcode')?.text ?? findElement(fault, 'Value')?.text ?? '').trim().slice(0, 40);
  const said = (fault.children.find((child) => child.name === 'faultstring')?.text ?? findElement(fault, 'Text')?.text ?? '').trim().slice(0, 200);
  const peerCode = code === '' ? 'SOAP Fault' : code;
  if (NOT_OURS.test(code)) return { kind: 'unavailable', reason: 'CONFIGURATION', peerCode, peerText: `平台不认这个 SOAP 请求，请核对 soap 的各项名称：${said}` };
  return { kind: 'unknown', reason: 'SERVER_FAULT', peerCode, peerText: said };
}

/** Members in their order; lists repeat their element; empty ones stay as empty elements. */
function xmlOf(name: string, value: unknown): string {
  if (Array.isArray(value)) return (value as readonly unknown[]).map((item) => xmlOf(name, item)).join('');
  const content = typeof value === 'object' && value !== null ? Object.entries(value).map(([key, item]) => xmlOf(key, item)).join('')
    : typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? escapeXml(String(value)) : '';
  return `<${name}>${content}</${name}>`;
}

/** Elements with children become objects, repeated ones lists, the others texts. */
function valueOf(element: XmlElement): unknown {
  if (element.children.length === 0) return element.text.trim();
  const members = new Map<string, unknown[]>();
  for (const child of element.children) members.set(child.name, [...(members.get(child.name) ?? []), valueOf(child)]);
  return Object.fromEntries([...members].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
