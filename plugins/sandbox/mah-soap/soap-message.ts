import type { PlatformReply, PlatformRequest } from '../platform.ts';
import { childOf, escapeXml, parseXml, type XmlElement } from './xml-element.ts';

export const SOAP_11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const SOAP_12 = 'http://www.w3.org/2003/05/soap-envelope';

export interface SoapRequest { readonly header: XmlElement | undefined; readonly call: XmlElement }

/** @returns header and the one element of the body, or a fault for whatever is no SOAP request of this version */
export function readSoap(request: PlatformRequest, namespace: typeof SOAP_11 | typeof SOAP_12): SoapRequest | PlatformReply {
  const type = request.headers['content-type'] ?? '';
  const wanted = namespace === SOAP_11 ? 'text/xml' : 'application/soap+xml';
  if (request.method !== 'POST' || !type.startsWith(wanted)) return soapFault(namespace, 415, 'Client', `content type must be ${wanted}`);
  if (namespace === SOAP_11 && request.headers['soapaction'] === undefined) return soapFault(namespace, 500, 'Client', 'SOAPAction header is missing');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(request.body);
  } catch {
    return soapFault(namespace, 500, 'Client', 'not UTF-8');
  }
  const root = /<!DOCTYPE/i.test(text) ? undefined : parseXml(text);
  if (root?.name !== 'Envelope' || root.namespace !== namespace) return soapFault(namespace, 500, 'Client', 'not a SOAP envelope of this version');
  const body = childOf(root, 'Body');
  const [call, ...others] = body?.children ?? [];
  if (call === undefined || others.length > 0) return soapFault(namespace, 500, 'Client', 'the body must hold one element');
  return { header: childOf(root, 'Header'), call };
}

export function soapFault(namespace: typeof SOAP_11 | typeof SOAP_12, status: number, code: 'Client' | 'Server' | 'FailedAuthentication', text: string): PlatformReply {
  const value = { code, text };
  const render = (): string => {
    if (namespace === SOAP_11) return envelope(namespace, `<soap:Fault><faultcode>${code === 'FailedAuthentication' ? 'wsse:FailedAuthentication' : `soap:${code}`}</faultcode><faultstring>${escapeXml(text)}</faultstring></soap:Fault>`);
    const subcode = code === 'FailedAuthentication' ? '<soap:Subcode><soap:Value>wsse:FailedAuthentication</soap:Value></soap:Subcode>' : '';
    return envelope(namespace, `<soap:Fault><soap:Code><soap:Value>soap:${code === 'Server' ? 'Receiver' : 'Sender'}</soap:Value>${subcode}</soap:Code><soap:Reason><soap:Text xml:lang="en">${escapeXml(text)}</soap:Text></soap:Reason></soap:Fault>`);
  };
  return { status, contentType: contentTypeOf(namespace), value, render };
}

export function contentTypeOf(namespace: string): string {
  return namespace === SOAP_11 ? 'text/xml;charset=UTF-8' : 'application/soap+xml;charset=UTF-8';
}

export function envelope(namespace: string, body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="${namespace}" xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><soap:Body>${body}</soap:Body></soap:Envelope>`;
}
