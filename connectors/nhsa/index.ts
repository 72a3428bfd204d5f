import { getHashes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TraceError } from '../../adapter/domain/error.ts';
import type { Destination, DestinationConnector, DestinationDeps } from '../../adapter/ports/destination.ts';
import { createHttpClient } from '../shared/http.ts';
import type { HttpClient } from '../shared/http.ts';
import { classifier } from './answers.ts';
import { askReports } from './ask.ts';
import { MessageIds } from './message-id.ts';
import { planReports, planTakeBack } from './plan.ts';
import { platformCaller } from './platform.ts';
import { probePlatform } from './probe.ts';
import { loadProfile } from './profile.ts';
import { readBack } from './read-back.ts';
import { sendReports } from './send.ts';
import { createSendMemory } from './send-memory.ts';
import { SignedSession } from './session.ts';
import { nhsaSettings } from './settings.ts';
import type { NhsaSettings } from './settings.ts';
import { loadSpec } from './spec.ts';

/** answers of the read-back queries are the largest replies */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
/** 9002 at stop, for all institutions together */
const SIGN_OUT_MS = 4_000;

/** National medical-insurance platform (国家医保信息平台): 3501–3507, read-back 3508–3513, sign-in 9001/9002 over HTTP JSON. */
export const nhsa: DestinationConnector = {
  name: 'nhsa',
  settings: nhsaSettings,
  create: (deps: DestinationDeps<NhsaSettings>) => createNhsa(deps),
};

function createNhsa(deps: DestinationDeps<NhsaSettings>): Destination {
  const { name, settings, clock, log, counters, institutions } = deps;
  assertAccount(settings);
  const profile = loadProfile(settings);
  const spec = loadSpec();
  const classify = classifier(profile.answers);
  const http = openHttp(settings);
  const call = platformCaller({
    http, settings, profile, clock, log,
    ids: new MessageIds({ clock, counters }),
    count: (metric, labels) => { deps.count(metric, { destination: name, ...labels }); },
  });
  const session = new SignedSession({ name, settings, call, classify, clock, counters, log });
  const memory = createSendMemory();
  const askBack = readBack({ session, profile, classify, clock });

  return {
    name,
    limits: { batch: Math.min(settings.batch.rows, profile.limits.rows), concurrency: settings.concurrency },
    plan: (reported) => planReports(reported, profile),
    planReversal: (original) => planTakeBack(original, profile),
    send: (reports, { signal }) => sendReports(reports, signal, { session, spec, profile, settings, classify, readBack: askBack, memory, clock, log }),
    ask: (reports, { signal }) => askReports(reports, signal, { readBack: askBack, memory, clock, askAfter: settings.askAfter }),
    async stop() {
      if (settings.signIn && settings.signOutAtStop) await session.signOut(institutions, AbortSignal.timeout(SIGN_OUT_MS));
      await http.close();
    },
    probe: () => probePlatform({ session, settings, institutions, clock }),
  };
}

function assertAccount(settings: NhsaSettings): void {
  if (settings.paasId !== undefined && (settings.paasToken ?? '') === '') throw new TraceError('CONFIG_INVALID', 'paasToken：有网关账号 paasId 时必须给出网关密钥');
  if (settings.digest === 'sm3' && !getHashes().includes('sm3')) throw new TraceError('CONFIG_INVALID', 'digest：本机的 Node.js 不支持 SM3');
}

function openHttp(settings: NhsaSettings): HttpClient {
  return createHttpClient({
    baseUrl: settings.baseUrl,
    connectTimeoutMs: settings.timeouts.connect,
    // sending, asking and signing in may be under way together
    connections: settings.concurrency + 2,
    maxReplyBytes: MAX_REPLY_BYTES,
    ...(settings.ca === undefined ? {} : { ca: readPem(settings.ca) }),
    ...(settings.cert === undefined ? {} : { cert: readPem(settings.cert) }),
    ...(settings.key === undefined ? {} : { key: settings.key }),
  });
}

function readPem(file: string): string {
  if (file.includes('-----BEGIN')) return file;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TraceError('CONFIG_INVALID', `证书文件无法读取：${file}`, { cause: error });
  }
}
