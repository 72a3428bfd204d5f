import type { Clock } from '../../adapter/ports/clock.ts';
import type { HttpClient } from '../shared/http.ts';
import { fillBody, fillHeaders, type FilledBody } from '../shared/holder/body.ts';
import type { HolderTransport } from '../shared/holder/destination.ts';
import { signatureOf } from '../shared/holder/signature.ts';
import { fillJson, jsonObject } from '../shared/template/json-template.ts';
import type { Maps } from '../shared/template/placeholder.ts';
import type { Model } from '../shared/template/value.ts';
import { fillXml } from '../shared/template/xml-template.ts';
import { envelopeOf, oneStringBody, soapHeaders, withHeader } from './envelope.ts';
import type { MahSoapSettings } from './settings.ts';
import type { EnvelopeSigner } from './sign-envelope.ts';
import type { SoapConnection, SoapRequest } from './soap-profile.ts';
import type { TypedCalls } from './typed-call.ts';
import { usernameTokenXml } from './username-token.ts';

export interface SoapTransportParts {
  readonly settings: MahSoapSettings;
  readonly connection: SoapConnection;
  readonly maps: Maps;
  readonly endpoint: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly typed: TypedCalls | undefined;
  readonly signer: EnvelopeSigner | undefined;
}

interface Envelope { readonly xml: string; readonly action: string; readonly scope: Model; readonly signature: string }

/** One SOAP call: fill, wrap, secure, send. What comes back is judged elsewhere. */
export function createSoapTransport(parts: SoapTransportParts): HolderTransport<SoapRequest> {
  const { settings, connection, http, maps, endpoint } = parts;
  const path = `${endpoint.endsWith('/') ? '/' : ''}${new URL(endpoint).search}`;
  const basic: Record<string, string> = connection.basic ? { authorization: `Basic ${Buffer.from(`${settings.user ?? ''}:${settings.password ?? ''}`, 'utf8').toString('base64')}` } : {};
  return {
    isSoap: true,
    address: endpoint,
    async call(request, scope, signal) {
      const { xml, action, scope: full, signature } = await envelopeFor(request, scope, parts);
      const body = parts.signer === undefined ? xml : parts.signer.sign(xml);
      const signed: Record<string, string> = connection.signature?.header === undefined ? {} : { [connection.signature.header.toLowerCase()]: signature };
      const headers = { accept: 'text/xml, application/soap+xml, application/xml', ...basic, ...fillHeaders(connection.headers, full, maps), ...signed, ...soapHeaders(connection.version, action) };
      return http.post(path, { headers, body, timeoutMs: settings.replyTimeout, signal });
    },
    stop: () => http.close(),
  };
}

async function envelopeFor(request: SoapRequest, scope: Model, parts: SoapTransportParts): Promise<Envelope> {
  const { connection, maps, settings } = parts;
  const key = settings.signKey ?? '';
  if (request.typed !== undefined && parts.typed !== undefined) {
    const made = await parts.typed.envelope(request.operation, jsonObject(fillJson(request.typed, scope)));
    const inside = { ...scope, payload: bodyOf(made.xml), signature: '' };
    const signature = connection.signature === undefined ? '' : await signatureOf(connection.signature, inside, key, maps);
    const full = { ...inside, signature };
    return { xml: withHeader(made.xml, headerOf(full, parts)), action: request.action === '' ? made.action : request.action, scope: full, signature };
  }
  const filled = await filledOf(request, scope, parts);
  const body = connection.style === 'literal' ? filled.text : oneStringBody({ ...request, namespace: connection.namespace, qualified: connection.qualified }, { ...filled.scope, payload: filled.text }, maps);
  return { xml: envelopeOf(connection.version, headerOf(filled.scope, parts), body), action: request.action, scope: filled.scope, signature: filled.signature };
}

async function filledOf(request: SoapRequest, scope: Model, { connection, settings }: SoapTransportParts): Promise<Pick<FilledBody, 'text' | 'scope' | 'signature'>> {
  if (request.body === undefined) return { text: '', scope: { ...scope, payload: '', signature: '' }, signature: '' };
  return fillBody(request.body, scope, connection.signature, settings.signKey ?? '');
}

function headerOf(scope: Model, { connection, settings, clock }: SoapTransportParts): string {
  const own = connection.header === undefined ? '' : fillXml(connection.header, scope);
  const { usernameToken, timestamp, x509 } = connection.security;
  if (usernameToken === 'none') return own;
  // with a signature, the timestamp is the signature's own
  return own + usernameTokenXml({ user: settings.user ?? '', password: settings.password ?? '', kind: usernameToken, timestamp: timestamp && !x509, nowMs: clock.now() });
}

function bodyOf(envelope: string): string {
  return /<soap:Body[^>]*>([\s\S]*)<\/soap:Body>/.exec(envelope)?.[1] ?? '';
}
