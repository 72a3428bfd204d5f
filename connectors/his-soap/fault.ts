import type { Language } from '../../adapter/domain/error.ts';
import type { Refusal } from '../../adapter/domain/refusal.ts';
import { ENVELOPES } from './envelope.ts';
import { describeRefusal } from './outcome.ts';
import type { SoapVersion } from './shapes.ts';
import { escapeXml } from './xml-text.ts';

/** A call that cannot be answered by its operation, in words. */
export interface Fault {
  /** whose fault it is: the caller's (Client, Sender), ours (Server, Receiver), or the envelope's version */
  readonly party: 'caller' | 'us' | 'version';
  readonly code: string;
  readonly message: string;
  readonly action: string;
  /** sending the same again later helps */
  readonly retryAfterMs?: number;
}

const CODES: Readonly<Record<SoapVersion, Readonly<Record<Fault['party'], string>>>> = {
  '1.1': { caller: 'soap:Client', us: 'soap:Server', version: 'soap:VersionMismatch' },
  '1.2': { caller: 'soap:Sender', us: 'soap:Receiver', version: 'soap:VersionMismatch' },
};

export const MEDIA_TYPES: Readonly<Record<SoapVersion, string>> = { '1.1': 'text/xml', '1.2': 'application/soap+xml' };

/** @returns the version an answer has to be written in when the envelope does not say it */
export function versionByType(contentType: string): SoapVersion {
  return /application\/soap\+xml/i.test(contentType) ? '1.2' : '1.1';
}

/** @returns a refusal as a fault */
export function faultOf(party: Fault['party'], refusal: Refusal, language: Language, retryAfterMs?: number): Fault {
  return { party, code: refusal.code, ...describeRefusal(refusal, language), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** @returns the envelope of a fault with our code, text and remedy in it; nothing of the inside of the program, no patient data */
export function composeFault(version: SoapVersion, fault: Fault, about: { readonly language: Language; readonly requestId: string }): string {
  const code = CODES[version][fault.party];
  const text = escapeXml(fault.message);
  const own = Object.entries({ code: fault.code, message: fault.message, action: fault.action, requestId: about.requestId }).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('');
  const detail = `<error xmlns="urn:his-trace:error">${own}</error>`;
  const inner = version === '1.1'
    ? `<faultcode>${code}</faultcode><faultstring>${text}</faultstring><detail>${detail}</detail>`
    : `<soap:Code><soap:Value>${code}</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="${about.language === 'zh' ? 'zh-CN' : 'en'}">${text}</soap:Text></soap:Reason><soap:Detail>${detail}</soap:Detail>`;
  return `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPES[version]}"><soap:Body><soap:Fault>${inner}</soap:Fault></soap:Body></soap:Envelope>`;
}

/** SOAP 1.1 knows 500 for every fault; SOAP 1.2 tells the sender's from the receiver's. 503 where sending again helps. */
export function statusOfFault(version: SoapVersion, fault: Fault): number {
  if (fault.retryAfterMs !== undefined) return 503;
  return version === '1.2' && fault.party === 'caller' ? 400 : 500;
}
