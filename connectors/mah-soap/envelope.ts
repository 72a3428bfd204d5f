import { fillText, type Maps, type Part } from '../shared/template/placeholder.ts';
import type { Model } from '../shared/template/value.ts';
import { escapeXmlAttribute, escapeXmlText } from '../shared/template/xml-escape.ts';

export const SOAP_NAMESPACE = { '1.1': 'http://schemas.xmlsoap.org/soap/envelope/', '1.2': 'http://www.w3.org/2003/05/soap-envelope' } as const;
export type SoapVersion = keyof typeof SOAP_NAMESPACE;

/** @returns an envelope whose prefix is `soap`, with an empty header to be filled */
export function envelopeOf(version: SoapVersion, header: string, body: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${SOAP_NAMESPACE[version]}">${header === '' ? '' : `<soap:Header>${header}</soap:Header>`}<soap:Body>${body}</soap:Body></soap:Envelope>`;
}

export interface OneStringCall {
  readonly operation: string;
  readonly namespace: string;
  readonly qualified: boolean;
  readonly arguments: readonly (readonly [string, readonly Part[]])[];
}

/** @returns the element of a call whose arguments are texts; what is inside an argument is escaped as a whole */
export function oneStringBody(call: OneStringCall, scope: Model, maps: Maps): string {
  const prefix = call.qualified ? 'tns:' : '';
  const inside = call.arguments.map(([name, parts]) => `<${prefix}${name}>${escapeXmlText(fillText(parts, scope, maps))}</${prefix}${name}>`).join('');
  return `<tns:${call.operation} xmlns:tns="${escapeXmlAttribute(call.namespace)}">${inside}</tns:${call.operation}>`;
}

/** Puts header content into an envelope made elsewhere, before its body. */
export function withHeader(envelope: string, header: string): string {
  if (header === '') return envelope;
  const at = envelope.indexOf('<soap:Body');
  return `${envelope.slice(0, at)}<soap:Header>${header}</soap:Header>${envelope.slice(at)}`;
}

/** @returns the HTTP headers of a SOAP call: the action stands in SOAPAction (1.1) or in the content type (1.2) */
export function soapHeaders(version: SoapVersion, action: string): Record<string, string> {
  const quoted = `"${action.replace(/["\r\n]/g, '')}"`;
  return version === '1.1' ? { 'content-type': 'text/xml; charset=utf-8', 'soapaction': quoted } : { 'content-type': `application/soap+xml; charset=utf-8${action === '' ? '' : `; action=${quoted}`}` };
}
