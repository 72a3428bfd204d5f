import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { TraceError } from '../../../adapter/domain/error.ts';
import { EVENT_KINDS, LINELESS_KINDS, type EventKind } from '../../../adapter/domain/event.ts';
import { readRules } from '../outcome-rules/read-rules.ts';
import { packageRoot } from '../package-root.ts';
import { describeProfileProblem, MapReader, ProblemList } from '../profile-file/profile-reader.ts';
import { readYaml, type ProfileProblem } from '../profile-file/yaml-node.ts';
import { compilePath } from '../reply/parse-reply.ts';
import type { ReplyPath } from '../reply/reply-tree.ts';
import type { CompileContext } from '../template/placeholder.ts';
import type { HolderProfile, KindRule, Operation, Query, ReplyRules } from './profile.ts';
import { FRAME_SHAPE, REPORT_SHAPE } from './report-shape.ts';
import { readSignature } from './signature.ts';

/** What templates of a profile are compiled against: the business content, and what stands around it. */
export interface TemplateContexts { readonly body: CompileContext; readonly frame: CompileContext; readonly namespaces: Readonly<Record<string, string>> }

/** What a wire (SOAP, REST) reads of a profile by itself. */
export interface ProfileWire<Request, Connection> {
  /** value of `connector:` in the file */
  readonly connector: string;
  readonly replyFormat: 'xml' | 'json';
  readonly hasEnvelope: boolean;
  readConnection(map: MapReader, contexts: TemplateContexts): Connection;
  readRequest(map: MapReader, contexts: TemplateContexts, connection: Connection): Request;
}

export interface LoadedProfile<Request, Connection> { readonly profile: HolderProfile<Request>; readonly connection: Connection; /** folder of the file: paths in it (WSDL) are relative to it */ readonly folder: string }

const MAX_PROBLEMS_SHOWN = 30;

/**
 * Reads and checks a holder's profile file.
 * @param name name of a file under connectors/<connector>/profiles, or a path
 * @throws TraceError CONFIG_INVALID naming every problem with file, line and what is wrong
 */
export function loadProfile<Request, Connection>(name: string, wire: ProfileWire<Request, Connection>): LoadedProfile<Request, Connection> {
  const isName = /^[a-z0-9][a-z0-9-]*$/.test(name);
  const file = isName ? join(packageRoot(), 'connectors', wire.connector, 'profiles', `${name}.yaml`) : isAbsolute(name) ? name : resolve(name);
  if (!existsSync(file)) throw new TraceError('CONFIG_INVALID', isName ? `没有名为 ${name} 的对接文件（connectors/${wire.connector}/profiles/${name}.yaml）；自己编写的文件请写出路径，如 ./${name}.yaml` : `找不到对接文件 ${name}`);
  const shown = isName ? relative(packageRoot(), file) : name;
  const { loaded, problems } = readProfile(readFileSync(file, 'utf8'), shown, wire);
  if (loaded === undefined || problems.length > 0) throw new TraceError('CONFIG_INVALID', problems.slice(0, MAX_PROBLEMS_SHOWN).map(describeProfileProblem).join('；'));
  return { ...loaded, folder: resolve(file, '..') };
}

/** @returns the profile and every problem of its text; a profile with problems is not used */
export function readProfile<Request, Connection>(text: string, file: string, wire: ProfileWire<Request, Connection>): { readonly loaded?: Omit<LoadedProfile<Request, Connection>, 'folder'>; readonly problems: readonly ProfileProblem[] } {
  const { root, problems } = readYaml(text, file);
  if (root === undefined) return { problems };
  const list = new ProblemList(file);
  const top = new MapReader(root, '', list, 1);
  const loaded = readTop(top, file, wire);
  top.end();
  // what an alias repeats is wrong once
  const seen = new Set<string>();
  const distinct = list.problems.filter(({ line, reason }) => !seen.has(`${String(line)} ${reason}`) && seen.add(`${String(line)} ${reason}`));
  return { loaded, problems: distinct.toSorted((a, b) => a.line - b.line) };
}

function readTop<Request, Connection>(top: MapReader, file: string, wire: ProfileWire<Request, Connection>): Omit<LoadedProfile<Request, Connection>, 'folder'> {
  if (top.text('connector', { required: true }) !== wire.connector) top.problem('connector', `这是 ${wire.connector} 使用的对接文件，connector 应写 ${wire.connector}`);
  const title = top.text('title', { required: true }) ?? '';
  const constants = top.textMap('constants');
  const mapsOf = top.map('maps');
  const maps = Object.fromEntries(mapsOf.keys.map((key) => [key, mapsOf.textMap(key)]));
  const namespaces = top.textMap('namespaces');
  const contexts: TemplateContexts = { body: { shape: REPORT_SHAPE, maps }, frame: { shape: FRAME_SHAPE, maps }, namespaces };
  const connectionMap = top.map('connection');
  const connection = wire.readConnection(connectionMap, contexts);
  connectionMap.end();
  const shared = top.has('reply') ? readReply(top.map('reply'), wire, contexts, false) : undefined;

  const operations = new Map<string, Operation<Request>>();
  const list = top.map('operations');
  for (const name of list.keys) operations.set(name, readOperation(name, list.map(name), { wire, contexts, connection, reply: shared }));
  if (operations.size === 0) top.problem('operations', '没有写任何操作 operations');
  const queries = new Map<string, Query<Request>>();
  const asked = top.map('queries');
  for (const name of asked.keys) {
    const map = asked.map(name);
    queries.set(name, { name, request: readRequest(map, { wire, contexts, connection }), reply: readReply(map.map('reply'), wire, contexts, true) });
    map.end();
  }
  checkReferences(list, operations, queries);
  const keyMap = top.map('key');
  const prefix = keyMap.text('prefix', { pattern: /^[A-Za-z0-9]{0,6}$/ }) ?? '';
  const key = { prefix, maxLength: keyMap.integer('maxLength', { min: 20 + prefix.length, max: 60, standard: 30 }) };
  keyMap.end();
  const profile: HolderProfile<Request> = { file, title, constants, maps, operations, queries, key, reports: readReports(top, operations), replyWindowMs: top.duration('replyWindow', 60_000) ?? 60_000 };
  return { profile, connection };
}

interface OperationContext<Request, Connection> { readonly wire: ProfileWire<Request, Connection>; readonly contexts: TemplateContexts; readonly connection: Connection; readonly reply?: ReplyRules | undefined }

function readOperation<Request, Connection>(name: string, map: MapReader, context: OperationContext<Request, Connection>): Operation<Request> {
  const { wire, contexts } = context;
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,40}$/.test(name)) map.list.add(map.line, map.path, '操作名只能用字母、数字、- 和 _');
  const own = map.has('reply') ? readReply(map.map('reply'), wire, contexts, false) : context.reply;
  if (own === undefined) map.list.add(map.line, map.path, '缺少 reply（应答判定）；也可以在文件顶层写一个 reply 供各操作共用');
  const operation: Operation<Request> = {
    name, request: readRequest(map, context), reply: own ?? { format: wire.replyFormat, charset: undefined, inside: undefined, echo: undefined, signature: undefined, rules: [] },
    reversal: map.text('reversal'), query: map.text('query'), idempotentByKey: map.flag('idempotentByKey', false),
    maxCodes: map.integer('maxCodes', { min: 1, max: 10_000, standard: 1_000 }), partner: map.choice('partner', ['none', 'optional', 'required'], 'none'),
  };
  map.end();
  return operation;
}

function readRequest<Request, Connection>(map: MapReader, { wire, contexts, connection }: OperationContext<Request, Connection>): Request {
  const request = map.map('request');
  if (!map.has('request')) map.problem('request', '缺少 request（请求内容）');
  const read = wire.readRequest(request, contexts, connection);
  request.end();
  return read;
}

function readReply<Request, Connection>(map: MapReader, wire: ProfileWire<Request, Connection>, contexts: TemplateContexts, query: boolean): ReplyRules {
  const { namespaces } = contexts;
  const format = map.choice('format', ['xml', 'json'], wire.replyFormat);
  const path = (from: MapReader, key: string, as: 'xml' | 'json' = format): ReplyPath | undefined => {
    const text = from.text(key);
    if (text === undefined) return undefined;
    try {
      return compilePath(text, as, namespaces);
    } catch (error) {
      from.problem(key, (error as Error).message);
      return undefined;
    }
  };
  if (map.has('inside') && !wire.hasEnvelope) map.problem('inside', '只有 SOAP 应答才有 inside');
  const inside = path(map, 'inside', 'xml');
  const echoMap = map.map('echo');
  const echoPath = path(echoMap, 'path');
  const echo = echoPath === undefined ? undefined : { path: echoPath, of: echoMap.choice('of', ['report.key', 'message.id'], 'report.key') };
  echoMap.end();
  const reply: ReplyRules = {
    format, inside, echo, charset: map.text('charset', { pattern: /^(utf-8|gbk|gb18030|gb2312)$/i }),
    signature: map.has('signature') ? readReplySignature(map.map('signature'), contexts, format) : undefined,
    rules: readRules(map, { format, namespaces, query, hasEnvelope: wire.hasEnvelope }),
  };
  map.end();
  return reply;
}

/** Replies are signed over listed values (their texts joined) and the key, or, with `covers` left out, over the whole body. */
function readReplySignature(map: MapReader, contexts: TemplateContexts, format: 'xml' | 'json'): NonNullable<ReplyRules['signature']> {
  const rule = readSignature(map, contexts.frame);
  const compile = (text: string, key: string): ReplyPath[] => {
    try {
      return [compilePath(text, format, contexts.namespaces)];
    } catch (error) {
      map.problem(key, (error as Error).message);
      return [];
    }
  };
  const place = map.text('at');
  const [at] = place === undefined ? [] : compile(place, 'at');
  if ((place === undefined) === (rule.header === undefined)) map.problem('at', '应答签名要写在哪里：at（应答中的路径）或 header（应答头），二者择一');
  const covers = (map.texts('covers') ?? []).flatMap((text) => compile(text, 'covers'));
  if (place !== undefined && covers.length === 0) map.problem('covers', '签名写在应答里面时，要用 covers 列出它签了哪些值');
  map.end();
  return { rule, covers, at, header: rule.header };
}

function checkReferences<Request>(list: MapReader, operations: ReadonlyMap<string, Operation<Request>>, queries: ReadonlyMap<string, Query<Request>>): void {
  for (const operation of operations.values()) {
    const map = list.map(operation.name);
    if (operation.reversal !== undefined && !operations.has(operation.reversal)) map.problem('reversal', `operations 中没有 ${operation.reversal}`);
    if (operation.query !== undefined && !queries.has(operation.query)) map.problem('query', `queries 中没有 ${operation.query}`);
  }
}

function readReports<Request>(top: MapReader, operations: ReadonlyMap<string, Operation<Request>>): ReadonlyMap<EventKind, KindRule> {
  const reports = new Map<EventKind, KindRule>();
  const table = top.map('reports');
  if (table.keys.length === 0) top.problem('reports', '没有写哪些业务要上报 reports');
  for (const name of table.keys) {
    const kind = EVENT_KINDS.find((candidate) => candidate === name && !LINELESS_KINDS.includes(candidate));
    const map = table.map(name);
    if (kind === undefined) table.problem(name, `没有“${name}”这种业务，可用：${EVENT_KINDS.filter((candidate) => !LINELESS_KINDS.includes(candidate)).join('、')}`);
    const operation = map.text('operation', { required: true }) ?? '';
    if (operation !== '' && !operations.has(operation)) map.problem('operation', `operations 中没有 ${operation}`);
    const use = kind === 'dispense' || kind === 'dispense-return' || kind === 'split-open';
    const rule: KindRule = {
      operation, levels: map.choice('levels', ['smallest', 'as-scanned'], use ? 'smallest' : 'as-scanned'),
      split: map.choice('split', ['first-opening', 'when-empty', 'every-use', 'never'], 'first-opening'), codes: map.choice('codes', ['required', 'optional'], 'required'),
    };
    map.end();
    if (kind !== undefined) reports.set(kind, rule);
  }
  table.end();
  return reports;
}
