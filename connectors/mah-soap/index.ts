import { isAbsolute, resolve } from 'node:path';
import { TraceError } from '../../adapter/domain/error.ts';
import type { Destination, DestinationConnector, DestinationDeps } from '../../adapter/ports/destination.ts';
import { createHttpClient } from '../shared/http.ts';
import { createHolderDestination } from '../shared/holder/destination.ts';
import { pemOf } from '../shared/holder/pem.ts';
import { loadProfile, type LoadedProfile } from '../shared/holder/read-profile.ts';
import { settings as table, type MahSoapSettings } from './settings.ts';
import { envelopeSigner, type EnvelopeSigner } from './sign-envelope.ts';
import { soapWire, type SoapConnection, type SoapRequest } from './soap-profile.ts';
import { createSoapTransport } from './soap-transport.ts';
import { typedCalls, type TypedCalls } from './typed-call.ts';
import { checkWsdl } from './wsdl-check.ts';

/** Trace systems of single marketing-authorisation holders over SOAP, described by files (mah.md 12): no code per holder. */
export const mahSoap: DestinationConnector = {
  name: 'mah-soap',
  side: 'holder',
  settings: table,
  create: (deps: DestinationDeps<MahSoapSettings>): Destination => createDestination(deps),
};

function createDestination(deps: DestinationDeps<MahSoapSettings>): Destination {
  const { settings, clock } = deps;
  const loaded = loadProfile(settings.profile, soapWire);
  const { profile, connection } = loaded;
  const wsdl = wsdlOf(loaded, settings);
  const endpoint = settings.endpoint ?? connection.endpoint ?? wsdl?.address;
  if (endpoint === undefined) throw new TraceError('CONFIG_INVALID', `${profile.file} 没有服务地址：在 endpoint 中填写`);
  const [ca, cert, key] = [pemOf(settings.ca, 'ca'), pemOf(settings.cert, 'cert'), pemOf(settings.key, 'key')];
  const signer = signerOf(connection, cert, key);
  if (connection.security.usernameToken !== 'none' && (settings.user ?? '') === '') throw new TraceError('CONFIG_INVALID', `${profile.file} 使用 WS-Security 用户名令牌：需要 user 和 password`);
  if (connection.signature !== undefined && (settings.signKey ?? '') === '') throw new TraceError('CONFIG_INVALID', `${profile.file} 使用报文签名：需要 signKey`);
  const http = createHttpClient({
    baseUrl: endpoint, connectTimeoutMs: settings.connectTimeout, connections: settings.concurrency * 2, maxReplyBytes: settings.maxReplyBytes,
    ...(ca === undefined ? {} : { ca }), ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
  return createHolderDestination({ deps, profile, transport: createSoapTransport({ settings, connection, maps: profile.maps, endpoint, http, clock, typed: wsdl?.typed, signer }) });
}

function signerOf({ security }: SoapConnection, cert: string | undefined, key: string | undefined): EnvelopeSigner | undefined {
  if (!security.x509) return undefined;
  if (cert === undefined || key === undefined) throw new TraceError('CONFIG_INVALID', 'X.509 报文签名需要 cert 和 key');
  return envelopeSigner({ cert, key, algorithm: security.algorithm, timestamp: security.timestamp });
}

function wsdlOf({ profile, connection, folder }: LoadedProfile<SoapRequest, SoapConnection>, settings: MahSoapSettings): { readonly typed: TypedCalls; readonly address: string | undefined } | undefined {
  if (connection.wsdl === undefined || connection.style !== 'typed') return undefined;
  const { file, service, port } = connection.wsdl;
  const path = settings.wsdl === undefined ? (isAbsolute(file) ? file : resolve(folder, file)) : resolve(settings.wsdl);
  const checked = checkWsdl(path);
  if ('problem' in checked) throw new TraceError('CONFIG_INVALID', checked.problem);
  const { operations, addresses } = checked.facts;
  const calls = [...profile.operations.values(), ...profile.queries.values()];
  const strange = calls.find(({ request }) => !operations.includes(request.operation));
  if (strange !== undefined) throw new TraceError('CONFIG_INVALID', `${profile.file} 的 ${strange.name}：WSDL 中没有操作 ${strange.request.operation}（有：${[...new Set(operations)].slice(0, 30).join('、')}）`);
  return { typed: typedCalls({ file: path, version: connection.version, service, port }), address: addresses.find((address) => /^https?:\/\//.test(address)) };
}
