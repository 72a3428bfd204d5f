import { asObject, type PlatformReply } from '../platform.ts';
import type { GatewayError, ReplyFormat } from './gateway.ts';
import { mahSpec, type Member } from './method-table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A business reply in the shape of the method's own response table: order, types and list wrappers come from there. */
export function methodReply(method: string, value: Fields, format: ReplyFormat): PlatformReply {
  const members = mahSpec().methods[method]?.response ?? [];
  const root = `${method.replaceAll('.', '_')}_response`;
  return {
    ...frame(format),
    value,
    render: (shown) => {
      const fields = asObject(shown) ?? {};
      // members that a fault has moved to a place the table does not know are still sent
      const all = [...members, ...membersOf(fields).filter((extra) => !members.some((member) => member.name === extra.name))];
      if (format.format === 'xml') return `<?xml version="1.0" encoding="utf-8" ?><${root}>${toXml(all, fields)}</${root}>`;
      const body = toJson(all, fields, format.simplify);
      return JSON.stringify(format.simplify ? body : { [root]: body });
    },
  };
}

/** error_response has the same members in JSON and XML, simplify or not (mah.md section 2.4). */
export function errorReply(error: GatewayError, requestId: string, format: ReplyFormat): PlatformReply {
  const members = { code: error.code, msg: mahSpec().errors[String(error.code)] ?? 'Unknown Error', sub_code: error.subCode, sub_msg: error.subMessage, request_id: requestId };
  return {
    ...frame(format),
    value: members,
    render: (shown) => {
      const fields = asObject(shown) ?? {};
      if (format.format === 'json') return JSON.stringify({ error_response: fields });
      const inner = Object.entries(fields).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join('');
      return `<?xml version="1.0" encoding="utf-8" ?><error_response>${inner}</error_response>`;
    },
  };
}

function frame(format: ReplyFormat): { readonly status: number; readonly contentType: string } {
  return { status: 200, contentType: format.format === 'json' ? 'application/json;charset=UTF-8' : 'text/xml;charset=UTF-8' };
}

function toJson(members: readonly Member[], value: Fields, simplify: boolean): Fields {
  const shown: Record<string, unknown> = {};
  for (const member of members) {
    const inner = value[member.name];
    if (inner === undefined) continue;
    if (!Array.isArray(inner)) {
      shown[member.name] = jsonOf(member, inner, simplify);
      continue;
    }
    const rows = (inner as unknown[]).map((row) => jsonOf(member, row, simplify));
    shown[member.name] = simplify ? rows : { [wrapperOf(member)]: rows };
  }
  return shown;
}

function jsonOf(member: Member, value: unknown, simplify: boolean): unknown {
  const fields = asObject(value);
  if (fields !== undefined) return toJson(member.fields ?? membersOf(fields), fields, simplify);
  if (member.type === 'Number') return Number(value);
  if (member.type === 'Boolean') return value === true;
  return String(value);
}

function toXml(members: readonly Member[], value: Fields): string {
  return members.map((member) => {
    const inner = value[member.name];
    if (inner === undefined) return '';
    if (!Array.isArray(inner)) return element(member.name, xmlOf(member, inner));
    return element(member.name, (inner as unknown[]).map((row) => element(wrapperOf(member), xmlOf(member, row))).join(''));
  }).join('');
}

function xmlOf(member: Member, value: unknown): string {
  const fields = asObject(value);
  return fields === undefined ? escapeXml(String(value)) : toXml(member.fields ?? membersOf(fields), fields);
}

/** Table of an object that no table lists. */
function membersOf(fields: Fields): readonly Member[] {
  return Object.keys(fields).map((name) => ({ name, type: typeof fields[name] === 'boolean' ? 'Boolean' : 'String' }));
}

function wrapperOf(member: Member): string {
  return member.wrapper ?? (member.type === 'String[]' ? 'string' : 'json');
}

function element(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '&quot;');
}
