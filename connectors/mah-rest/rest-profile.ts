import { readBody, readTexts, type BodyTemplate } from '../shared/holder/body.ts';
import type { ProfileWire, TemplateContexts } from '../shared/holder/read-profile.ts';
import { readSignature, type SignatureRule } from '../shared/holder/signature.ts';
import type { MapReader } from '../shared/profile-file/profile-reader.ts';
import { compileText, type Part } from '../shared/template/placeholder.ts';

export interface AuthRule {
  readonly kind: 'none' | 'basic' | 'token' | 'oauth2';
  /** header of the token and what stands before it */
  readonly header: string;
  readonly prefix: string;
  readonly tokenUrl: string | undefined;
  readonly scope: string | undefined;
  /** where client id and secret travel to the token endpoint */
  readonly client: 'body' | 'basic';
}

export interface RestConnection {
  readonly baseUrl: string | undefined;
  readonly auth: AuthRule;
  readonly headers: readonly (readonly [string, readonly Part[]])[];
  readonly signature: SignatureRule | undefined;
}

export interface RestRequest {
  readonly path: readonly Part[];
  readonly body: BodyTemplate;
  readonly headers: readonly (readonly [string, readonly Part[]])[];
}

/** What a profile of `connector: mah-rest` holds besides the common parts. */
export const restWire: ProfileWire<RestRequest | undefined, RestConnection> = { connector: 'mah-rest', replyFormat: 'json', hasEnvelope: false, readConnection, readRequest };

const URL_TEXT = /^https?:\/\/[^\s/]/;

function readConnection(map: MapReader, contexts: TemplateContexts): RestConnection {
  const signatureMap = map.map('signature');
  const signature = map.has('signature') ? readSignature(signatureMap, contexts.frame) : undefined;
  signatureMap.end();
  return { baseUrl: map.text('baseUrl', { pattern: URL_TEXT }), auth: readAuth(map.map('auth')), headers: readTexts(map, 'headers', contexts.frame), signature };
}

function readAuth(map: MapReader): AuthRule {
  const auth: AuthRule = {
    kind: map.choice('kind', ['none', 'basic', 'token', 'oauth2'], 'none'), header: map.text('header', { pattern: /^[A-Za-z0-9-]{1,60}$/ }) ?? 'authorization', prefix: map.text('prefix') ?? 'Bearer ',
    tokenUrl: map.text('tokenUrl', { pattern: URL_TEXT }), scope: map.text('scope'), client: map.choice('client', ['body', 'basic'], 'body'),
  };
  map.end();
  return auth;
}

function readRequest(map: MapReader, contexts: TemplateContexts): RestRequest | undefined {
  const text = map.text('path', { required: true, pattern: /^\// }) ?? '/';
  let path: readonly Part[] = [];
  try {
    path = compileText(text, contexts.body);
  } catch (error) {
    map.problem('path', (error as Error).message);
  }
  const body = readBody(map, contexts);
  if (body === undefined && !['json', 'xml', 'form'].some((kind) => map.has(kind))) map.problem('json', '缺少请求内容：写 json、xml 或 form');
  const headers = readTexts(map, 'headers', contexts.frame);
  return body === undefined ? undefined : { path, body, headers };
}
