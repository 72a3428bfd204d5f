import type { HttpClient } from '../shared/http.ts';
import { fillBody, fillHeaders } from '../shared/holder/body.ts';
import type { HolderTransport } from '../shared/holder/destination.ts';
import { fillText, type Maps } from '../shared/template/placeholder.ts';
import { FillFault } from '../shared/template/value.ts';
import type { AccessTokens } from './access-token.ts';
import type { RestConnection, RestRequest } from './rest-profile.ts';
import type { MahRestSettings } from './settings.ts';

export interface RestTransportParts {
  readonly settings: MahRestSettings;
  readonly connection: RestConnection;
  readonly maps: Maps;
  readonly baseUrl: string;
  readonly http: HttpClient;
  readonly tokens: AccessTokens | undefined;
  readonly tokenHttp: HttpClient | undefined;
}

/** One REST call: fill, sign, fetch a token where one is needed, send. */
export function createRestTransport(parts: RestTransportParts): HolderTransport<RestRequest | undefined> {
  const { settings, connection, http, maps, tokens } = parts;
  return {
    isSoap: false,
    address: parts.baseUrl,
    async call(request, scope, signal) {
      if (request === undefined) throw new FillFault('对接文件中没有请求内容');
      const filled = await fillBody(request.body, scope, connection.signature, settings.signKey ?? '');
      const path = fillText(request.path, scope, maps, encodeURIComponent);
      const access = await accessHeaders(parts, signal);
      if (access.kind === 'none') return { kind: 'not-sent', fault: access.fault };
      const signed: Record<string, string> = connection.signature?.header === undefined ? {} : { [connection.signature.header.toLowerCase()]: filled.signature };
      const headers = { 'accept': 'application/json, application/xml, text/xml', 'content-type': filled.contentType, ...fillHeaders([...connection.headers, ...request.headers], filled.scope, maps), ...signed, ...access.headers };
      const result = await http.post(path, { headers, body: filled.text, timeoutMs: settings.replyTimeout, signal });
      if (result.kind === 'reply' && result.status === 401) tokens?.forget();
      return result;
    },
    async stop() {
      await Promise.all([http.close(), parts.tokenHttp?.close()]);
    },
  };
}

type Access = { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string>> } | Extract<Awaited<ReturnType<AccessTokens['token']>>, { kind: 'none' }>;

async function accessHeaders({ settings, connection: { auth }, tokens }: RestTransportParts, signal: AbortSignal): Promise<Access> {
  switch (auth.kind) {
    case 'none': return { kind: 'headers', headers: {} };
    case 'basic': return { kind: 'headers', headers: { authorization: `Basic ${Buffer.from(`${settings.user ?? ''}:${settings.password ?? ''}`, 'utf8').toString('base64')}` } };
    case 'token': return { kind: 'headers', headers: { [auth.header.toLowerCase()]: `${auth.prefix}${settings.token ?? ''}` } };
    case 'oauth2': {
      const got = await tokens?.token(signal);
      if (got === undefined) return { kind: 'none', fault: { reason: 'CONFIGURATION', peerText: '没有取令牌的地址' } };
      return got.kind === 'none' ? got : { kind: 'headers', headers: { [auth.header.toLowerCase()]: `${auth.prefix}${got.text}` } };
    }
  }
}
