import { TraceError } from '../../adapter/domain/error.ts';
import type { Destination, DestinationConnector, DestinationDeps } from '../../adapter/ports/destination.ts';
import { createHttpClient, type HttpClient } from '../shared/http.ts';
import { createHolderDestination } from '../shared/holder/destination.ts';
import { pemOf } from '../shared/holder/pem.ts';
import { loadProfile } from '../shared/holder/read-profile.ts';
import { createAccessTokens } from './access-token.ts';
import { restWire, type RestConnection } from './rest-profile.ts';
import { createRestTransport } from './rest-transport.ts';
import { settings as table, type MahRestSettings } from './settings.ts';

/** Trace systems of single marketing-authorisation holders, and provincial ones of the same kind, over REST, described by files. */
export const mahRest: DestinationConnector = {
  name: 'mah-rest',
  side: 'holder',
  settings: table,
  create: (deps: DestinationDeps<MahRestSettings>): Destination => createDestination(deps),
};

function createDestination(deps: DestinationDeps<MahRestSettings>): Destination {
  const { settings, clock } = deps;
  const { profile, connection } = loadProfile(settings.profile, restWire);
  const baseUrl = settings.baseUrl ?? connection.baseUrl;
  if (baseUrl === undefined) throw new TraceError('CONFIG_INVALID', `${profile.file} 没有服务地址：在 baseUrl 中填写`);
  checkAccount(profile.file, connection, settings);
  const [ca, cert, key] = [pemOf(settings.ca, 'ca'), pemOf(settings.cert, 'cert'), pemOf(settings.key, 'key')];
  const client = (url: string): HttpClient => createHttpClient({
    baseUrl: url, connectTimeoutMs: settings.connectTimeout, connections: settings.concurrency * 2, maxReplyBytes: settings.maxReplyBytes,
    ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
  const tokenUrl = connection.auth.kind === 'oauth2' ? settings.tokenUrl ?? connection.auth.tokenUrl : undefined;
  const tokenHttp = tokenUrl === undefined ? undefined : client(tokenUrl);
  const tokens = tokenUrl === undefined || tokenHttp === undefined ? undefined : createAccessTokens({
    http: tokenHttp, path: new URL(tokenUrl).search, clientId: settings.user ?? '', clientSecret: settings.password ?? '', scope: connection.auth.scope, client: connection.auth.client, timeoutMs: settings.replyTimeout, clock,
  });
  return createHolderDestination({ deps, profile, transport: createRestTransport({ settings, connection, maps: profile.maps, baseUrl, http: client(baseUrl), tokens, tokenHttp }) });
}

function checkAccount(file: string, { auth, signature }: RestConnection, settings: MahRestSettings): void {
  const missing: string[] = [];
  if (auth.kind === 'basic' || auth.kind === 'oauth2') for (const name of ['user', 'password'] as const) if ((settings[name] ?? '') === '') missing.push(name);
  if (auth.kind === 'token' && (settings.token ?? '') === '') missing.push('token');
  if (auth.kind === 'oauth2' && (settings.tokenUrl ?? auth.tokenUrl) === undefined) missing.push('tokenUrl');
  if (signature !== undefined && (settings.signKey ?? '') === '') missing.push('signKey');
  if (missing.length > 0) throw new TraceError('CONFIG_INVALID', `${file} 需要配置 ${missing.join('、')}`);
}
