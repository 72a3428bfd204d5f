import { getHashes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TraceError } from '../../adapter/domain/error.ts';
import type { Destination, DestinationConnector, DestinationDeps } from '../../adapter/ports/destination.ts';
import type { OffersCatalogue } from '../../adapter/ports/catalogue-download.ts';
import type { HelpsSettlement } from '../../adapter/ports/settlement-help.ts';
import { createSoftwareChinaCrypto } from '../shared/china-crypto/software-china-crypto.ts';
import { createHttpClient } from '../shared/http.ts';
import type { HttpClient, HttpClientOptions } from '../shared/http.ts';
import { createDownloader } from '../shared/http-download.ts';
import { classifier } from './answers.ts';
import { askReports } from './ask.ts';
import { authHeaders } from './auth.ts';
import { catalogueDownload } from './download-catalogue.ts';
import { fileFetcher } from './file-call.ts';
import { MessageIds } from './message-id.ts';
import { tokenSource } from './oauth-token.ts';
import type { TokenAccount } from './oauth-token.ts';
import { planReports, planTakeBack } from './plan.ts';
import { platformCaller } from './platform.ts';
import type { PlatformDeps } from './platform.ts';
import { probePlatform } from './probe.ts';
import { loadProfile } from './profile.ts';
import type { Auth, Profile } from './profile.ts';
import { readBack } from './read-back.ts';
import { readEntries } from './read-entries.ts';
import { regionalSpec } from './regional-spec.ts';
import { messageSecurity } from './security.ts';
import { sendReports } from './send.ts';
import { createSendMemory } from './send-memory.ts';
import { SignedSession } from './session.ts';
import { settlementHelp } from './settlement-node.ts';
import { nhsaSettings } from './settings.ts';
import type { NhsaSettings } from './settings.ts';
import { soapWire } from './soap.ts';
import { loadSpec } from './spec.ts';

/** answers of the read-back queries are the largest replies */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
const MAX_SOAP_BYTES = 2 * 1024 * 1024;
const MAX_TOKEN_BYTES = 64 * 1024;
/** the whole national catalogue, packed, is a tenth of this */
const MAX_FILE_BYTES = 512 * 1024 * 1024;
/** 9002 at stop, for all institutions together */
const SIGN_OUT_MS = 4_000;

/** National medical-insurance platform (国家医保信息平台): 3501–3507, read-back 3508–3513, sign-in 9001/9002 over HTTP JSON or SOAP. */
export const nhsa: DestinationConnector = {
  name: 'nhsa',
  side: 'insurance',
  settings: nhsaSettings,
  create: (deps: DestinationDeps<NhsaSettings>) => createNhsa(deps),
};

function createNhsa(deps: DestinationDeps<NhsaSettings>): Destination & HelpsSettlement & OffersCatalogue {
  const { name, settings, clock, log, counters, institutions } = deps;
  const profile = loadProfile(settings);
  assertAccount(settings, profile);
  const spec = regionalSpec(loadSpec(), profile);
  const classify = classifier(profile.answers);
  const http = openHttp(settings, { baseUrl: settings.baseUrl, maxReplyBytes: profile.transport === 'soap' ? MAX_SOAP_BYTES : MAX_REPLY_BYTES });
  const tokenHttp = settings.oauth.url === undefined ? http : openHttp(settings, { baseUrl: settings.oauth.url, maxReplyBytes: MAX_TOKEN_BYTES });
  const token = profile.auth.kind === 'oauth2' ? tokenSource({ http: tokenHttp, account: tokenAccount(profile.auth, settings), clock, log, timeoutMs: settings.timeouts.reply }) : undefined;
  const platform: PlatformDeps = {
    http, settings, profile, clock, log, token,
    auth: authHeaders(profile.auth, { settings, clock, token }),
    security: messageSecurity(profile, settings, deps.crypto ?? createSoftwareChinaCrypto()),
    soap: profile.transport === 'soap' ? soapWire(profile.soap) : undefined,
    ids: new MessageIds({ clock, counters }),
    count: (metric, labels) => { deps.count(metric, { destination: name, ...labels }); },
  };
  const call = platformCaller(platform);
  const signsIn = profile.signIn !== 'none';
  const session = new SignedSession({ name, settings, signsIn, call, classify, clock, counters, log });
  const memory = createSendMemory();
  const downloader = createDownloader(httpOptions(settings, { baseUrl: settings.baseUrl, maxReplyBytes: MAX_FILE_BYTES }));
  const askBack = readBack({ session, profile, classify, clock });

  return {
    name,
    regime: 'insurance',
    limits: { batch: Math.min(settings.batch.rows, profile.limits.rows), concurrency: settings.concurrency },
    plan: (reported) => planReports(reported, profile),
    planReversal: (original) => planTakeBack(original, profile),
    send: (reports, { signal }) => sendReports(reports, signal, { session, spec, profile, settings, classify, readBack: askBack, memory, clock, log }),
    ask: (reports, { signal }) => askReports(reports, signal, { readBack: askBack, memory, clock, askAfter: settings.askAfter }),
    readBack: (range, { signal }) => readEntries(range, signal, { session, profile, classify }),
    settlementHelp: settlementHelp(profile),
    downloadCatalogue: catalogueDownload({ session, fetchFile: fileFetcher(platform, downloader), profile, classify }),
    async stop() {
      if (signsIn && settings.signOutAtStop) await session.signOut(institutions, AbortSignal.timeout(SIGN_OUT_MS));
      await Promise.all([http.close(), downloader.close()]);
      if (tokenHttp !== http) await tokenHttp.close();
    },
    probe: () => probePlatform({ session, signsIn, institutions, clock }),
  };
}

function assertAccount(settings: NhsaSettings, profile: Profile): void {
  const invalid = (text: string): never => { throw new TraceError('CONFIG_INVALID', text); };
  if (settings.paasId !== undefined && (settings.paasToken ?? '') === '') invalid('paasToken：有网关账号 paasId 时必须给出网关密钥');
  if (profile.auth.kind === 'csb' && settings.paasId === undefined) invalid(`paasId、paasToken：地区规则 ${profile.name} 需要服务总线账号`);
  if (settings.digest === 'sm3' && !getHashes().includes('sm3')) invalid('digest：本机的 Node.js 不支持 SM3');
  if (settings.signOutAtStop && profile.signIn === 'once-a-day') invalid(`signOutAtStop：地区规则 ${profile.name} 每天只能签到一次，停止时不能签退`);
}

function tokenAccount(auth: Extract<Auth, { readonly kind: 'oauth2' }>, { oauth }: NhsaSettings): TokenAccount {
  const needed = (value: string | undefined, key: string): string => {
    if (value === undefined || value === '') throw new TraceError('CONFIG_INVALID', `oauth.${key}：该地区以令牌认证，必须给出`);
    return value;
  };
  return {
    path: auth.path.startsWith('/') ? auth.path : `/${auth.path}`, scope: auth.scope,
    clientId: needed(oauth.clientId, 'clientId'), clientSecret: needed(oauth.clientSecret, 'clientSecret'), username: needed(oauth.username, 'username'), password: needed(oauth.password, 'password'),
  };
}

function openHttp(settings: NhsaSettings, to: { readonly baseUrl: string; readonly maxReplyBytes: number }): HttpClient {
  return createHttpClient(httpOptions(settings, to));
}

function httpOptions(settings: NhsaSettings, to: { readonly baseUrl: string; readonly maxReplyBytes: number }): HttpClientOptions {
  return {
    baseUrl: to.baseUrl,
    connectTimeoutMs: settings.timeouts.connect,
    // sending, asking and signing in may be under way together
    connections: settings.concurrency + 2,
    maxReplyBytes: to.maxReplyBytes,
    ...(settings.ca === undefined ? {} : { ca: readPem(settings.ca) }),
    ...(settings.cert === undefined ? {} : { cert: readPem(settings.cert) }),
    ...(settings.key === undefined ? {} : { key: settings.key }),
  };
}

function readPem(file: string): string {
  if (file.includes('-----BEGIN')) return file;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TraceError('CONFIG_INVALID', `证书文件无法读取：${file}`, { cause: error });
  }
}
