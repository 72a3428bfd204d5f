import { asObject, type PlatformReply, type PlatformRequest } from '../platform.ts';
import type { SoapNames } from './settings.ts';

const SPACES = { '1.1': 'http://schemas.xmlsoap.org/soap/envelope/', '1.2': 'http://www.w3.org/2003/05/soap-envelope' } as const;
/** Nodes that are lists in the tables: one element of XML does not show it. */
const LISTS = new Set(['drugtracinfo', 'invinfoDetail', 'purcinfoDetail', 'selinfoDetail', 'goodDetail']);

/** Takes the JSON out of a one-argument call, written without looking at how a client puts it in. @returns the fault when it is no such call */
export function openSoap(request: PlatformRequest, names: SoapNames): { readonly body: Buffer } | { readonly fault: PlatformReply } {
  const text = request.body.toString('utf8');
  const refuse = (why: string): { readonly fault: PlatformReply } => ({ fault: soapFault(names, names.version === '1.1' ? 'Client' : 'Sender', why) });
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return refuse('DOCTYPE is not allowed');
  if (!text.includes(`"${SPACES[names.version]}"`)) return { fault: soapFault(names, 'VersionMismatch', 'wrong SOAP version') };
  const wanted = names.action === '' ? names.namespace + names.operation : names.action;
  const said = names.version === '1.1' ? String(request.headers['soapaction'] ?? '').replaceAll('"', '') : (/action="([^"]*)"/.exec(request.headers['content-type'] ?? '')?.[1] ?? '');
  if (said !== wanted) return refuse(`unknown SOAPAction ${said}`);
  const call = new RegExp(`<(?:\\w+:)?Body>\\s*<${names.operation}\\s+xmlns="([^"]*)">\\s*<${names.argument}>([^<]*)</${names.argument}>\\s*</${names.operation}>\\s*</(?:\\w+:)?Body>`).exec(text);
  if (call?.[1] !== names.namespace) return refuse(`the body is no ${names.operation} of ${names.namespace}`);
  const payload = unescape(call[2] ?? '');
  return { body: Buffer.from(names.payload === 'json' ? payload : JSON.stringify(nodeOf(payload)), 'utf8') };
}

/** The same reply inside the result element; what the gateway itself says stays as it is. */
export function dressSoap(reply: PlatformReply, names: SoapNames): PlatformReply {
  if (!reply.contentType.startsWith('application/json')) return reply;
  return {
    ...reply,
    contentType: names.version === '1.1' ? 'text/xml;charset=UTF-8' : 'application/soap+xml;charset=UTF-8',
    render(value) {
      const text = reply.render(value);
      const payload = names.payload === 'json' ? text : `<reply>${xmlOf(JSON.parse(text))}</reply>`;
      return wrap(names, `<${names.operation}Response xmlns="${names.namespace}"><${names.result}>${escape(payload)}</${names.result}></${names.operation}Response>`);
    },
  };
}

function soapFault(names: SoapNames, code: string, why: string): PlatformReply {
  const content = names.version === '1.1' ? `<soap:Fault><faultcode>soap:${code}</faultcode><faultstring>${escape(why)}</faultstring></soap:Fault>`
    : `<soap:Fault><soap:Code><soap:Value>soap:${code}</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="en">${escape(why)}</soap:Text></soap:Reason></soap:Fault>`;
  return { status: 500, contentType: 'text/xml;charset=UTF-8', value: why, render: () => wrap(names, content) };
}

function wrap(names: SoapNames, content: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${SPACES[names.version]}"><soap:Body>${content}</soap:Body></soap:Envelope>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescape(text: string): string {
  return text.replaceAll('&#xD;', '\r').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&');
}

function xmlOf(value: unknown): string {
  const object = asObject(value);
  if (object === undefined) return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? escape(String(value)) : '';
  return Object.entries(object).map(([name, item]) => (Array.isArray(item) ? item : [item]).map((each) => `<${name}>${xmlOf(each)}</${name}>`).join('')).join('');
}

/** Elements without attributes are all that a payload may hold; anything else is text. */
function nodeOf(xml: string): unknown {
  const text = xml.replace(/^\s*<\?xml[^>]*\?>/, '').trim();
  const root = /^<(\w+)>([^]*)<\/\1>$/.exec(text);
  return root === null ? text : inside(root[2] ?? '', 0);
}

function inside(text: string, depth: number): unknown {
  if (!text.includes('<') || depth > 10) return unescape(text);
  const node: Record<string, unknown> = {};
  const element = /<(\w+)>/g;
  for (let open = element.exec(text); open !== null; open = element.exec(text)) {
    const name = open[1] ?? '';
    const end = text.indexOf(`</${name}>`, element.lastIndex);
    if (end < 0) return unescape(text);
    const value = inside(text.slice(element.lastIndex, end), depth + 1);
    const before = node[name];
    node[name] = Array.isArray(before) ? [...before as unknown[], value] : LISTS.has(name) ? [value] : value;
    element.lastIndex = end + name.length + 3;
  }
  return node;
}
