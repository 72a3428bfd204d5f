import { readBody, readTexts, type BodyTemplate } from '../shared/holder/body.ts';
import type { ProfileWire, TemplateContexts } from '../shared/holder/read-profile.ts';
import { readSignature, type SignatureRule } from '../shared/holder/signature.ts';
import type { MapReader } from '../shared/profile-file/profile-reader.ts';
import { compileJson, type JsonTemplate } from '../shared/template/json-template.ts';
import type { Part } from '../shared/template/placeholder.ts';
import { compileXml, type XmlTemplate } from '../shared/template/xml-template.ts';
import { readSecurity, type SecurityRule } from './security-rule.ts';

/** How operations of the service are called. */
export type SoapStyle =
  /** one element with text arguments, one of which holds the business content */
  | 'one-string'
  /** the body is written out in the profile */
  | 'literal'
  /** document/literal by a WSDL */
  | 'typed';

export interface SoapConnection {
  readonly endpoint: string | undefined;
  readonly version: '1.1' | '1.2';
  readonly style: SoapStyle;
  readonly namespace: string;
  /** arguments carry the namespace of the operation */
  readonly qualified: boolean;
  readonly wsdl: { readonly file: string; readonly service: string | undefined; readonly port: string | undefined } | undefined;
  readonly security: SecurityRule;
  readonly basic: boolean;
  readonly header: XmlTemplate | undefined;
  readonly headers: readonly (readonly [string, readonly Part[]])[];
  readonly signature: SignatureRule | undefined;
}

export interface SoapRequest {
  readonly operation: string;
  readonly action: string;
  readonly body: BodyTemplate | undefined;
  /** one-string: names and texts in the order of the service */
  readonly arguments: readonly (readonly [string, readonly Part[]])[];
  /** typed: the argument tree */
  readonly typed: JsonTemplate | undefined;
}

const NCNAME = /^[A-Za-z_][\w.-]{0,120}$/;

/** What a profile of `connector: mah-soap` holds besides the common parts. */
export const soapWire: ProfileWire<SoapRequest, SoapConnection> = { connector: 'mah-soap', replyFormat: 'xml', hasEnvelope: true, readConnection, readRequest };

function readConnection(map: MapReader, contexts: TemplateContexts): SoapConnection {
  const style = map.choice('style', ['one-string', 'literal', 'typed'], 'one-string');
  const file = map.text('wsdl');
  const wsdl = file === undefined ? undefined : { file, service: map.text('service'), port: map.text('port') };
  const namespace = map.text('namespace') ?? '';
  if (style === 'typed' && wsdl === undefined) map.problem('wsdl', 'style: typed 需要 wsdl（本机文件，路径相对于对接文件）');
  if (style === 'one-string' && namespace === '') map.problem('namespace', 'style: one-string 需要 namespace（服务的命名空间，见 WSDL 的 targetNamespace）');
  const endpoint = map.text('endpoint', { pattern: /^https?:\/\/[^\s/]/ });
  return {
    endpoint, style, namespace, wsdl, version: map.choice('soap', ['1.1', '1.2'], '1.1'), qualified: map.flag('qualified', false),
    security: readSecurity(map.map('security')), basic: map.choice('auth', ['none', 'basic'], 'none') === 'basic',
    header: readXml(map, 'soapHeader', contexts), headers: readTexts(map, 'headers', contexts.frame),
    signature: map.has('signature') ? readOwnSignature(map.map('signature'), contexts) : undefined,
  };
}

function readOwnSignature(map: MapReader, contexts: TemplateContexts): SignatureRule {
  const rule = readSignature(map, contexts.frame);
  map.end();
  return rule;
}

function readXml(map: MapReader, key: string, contexts: TemplateContexts): XmlTemplate | undefined {
  const text = map.text(key);
  if (text === undefined) return undefined;
  try {
    return compileXml(text, contexts.frame);
  } catch (error) {
    map.problem(key, (error as Error).message);
    return undefined;
  }
}

function readRequest(map: MapReader, contexts: TemplateContexts, { style }: SoapConnection): SoapRequest {
  const operation = map.text('operation', { required: true, pattern: NCNAME }) ?? '';
  const action = map.text('action') ?? '';
  if (style === 'typed') return { operation, action, body: undefined, arguments: [], typed: readTyped(map, contexts) };
  const body = readBody(map, contexts);
  if (body === undefined && !map.has('xml') && !map.has('json')) map.problem('xml', '缺少请求内容：写 xml 或 json');
  const names = style === 'one-string' ? readTexts(map, 'arguments', contexts.frame) : [];
  for (const [name] of names) if (!NCNAME.test(name)) map.problem('arguments', `“${name.slice(0, 40)}”不能作参数名`);
  if (style === 'one-string' && !names.some(([, parts]) => parts.some((part) => typeof part === 'object' && part.path[0] === 'payload'))) map.problem('arguments', '参数中没有一个写 {{payload}}，业务内容送不出去');
  return { operation, action, body, arguments: names, typed: undefined };
}

function readTyped(map: MapReader, contexts: TemplateContexts): JsonTemplate | undefined {
  const node = map.node('json');
  if (node === undefined) {
    map.problem('json', 'style: typed 的请求内容写在 json 中：WSDL 中的元素名与值');
    return undefined;
  }
  try {
    return compileJson(node, contexts.body);
  } catch (error) {
    map.problem('json', (error as Error).message);
    return undefined;
  }
}
