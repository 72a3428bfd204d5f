import { Parser, processors } from 'xml2js';
import { xmlProblem } from './xml-scan.ts';

/** An element as xml2js gives it: text alone, or text, attributes and lists of children. */
type Node = string | { readonly _?: string; readonly $?: Readonly<Record<string, string>>; readonly [child: string]: unknown };

export type EventsXml =
  | { readonly kind: 'events'; readonly events: readonly unknown[]; readonly messageId: string }
  /** a wrapper around a payload of another kind: JSON or HL7 text in its body */
  | { readonly kind: 'text'; readonly text: string; readonly messageId: string }
  | { readonly kind: 'refused'; readonly why: string };

const SCALARS = ['id', 'source', 'institution', 'kind', 'occurredAt', 'documentNo', 'location', 'refers', 'prescriptionNo', 'invoiceNo', 'deliveryNoteNo'] as const;
const SECTIONS = {
  operator: ['code', 'name', 'licenseNo', 'idType', 'idNo'],
  prescriber: ['code', 'name', 'licenseNo', 'idType', 'idNo'],
  patient: ['visitNo', 'class', 'name', 'idType', 'idNo', 'personNo', 'insuredArea', 'settlementType', 'settlementId', 'settlementArea'],
  counterparty: ['code', 'name', 'licenseNo'],
} as const;
const LINE = ['lineNo', 'drug', 'drugName', 'quantity', 'unit', 'unitPrice', 'lot', 'producedOn', 'expiresOn'] as const;
const BODIES = new Set(['body', 'data', 'content', 'message', 'payload', 'input']);
const DEEPEST = 12;

/**
 * Reads our event XML: `<TraceEvent>` (or `<TraceEvents>` of them) with the names of contract section 4, anywhere inside a wrapper
 * such as `<Request><Header/><Body>…`. Names are read without prefix and case; a member may be an attribute. Values stay text; what they
 * mean is checked by the intake. Never throws; DOCTYPE, entities of one's own and broken XML are refused.
 */
export function readEventXml(text: string): EventsXml {
  const problem = xmlProblem(text);
  if (problem !== undefined) return { kind: 'refused', why: problem };
  const root = parse(text);
  if (root === undefined) return { kind: 'refused', why: 'XML 有语法错误（未定义的实体或重复的属性等）' };
  const [name, top] = root;
  const messageId = messageIdOf(top);
  const found: Node[] = [];
  collect(top, name.toLowerCase(), '', found, 0);
  if (found.length > 0) return { kind: 'events', events: found.map(toEvent), messageId };
  const inner = bodyText(top, 0);
  return inner === undefined ? { kind: 'refused', why: 'XML 中没有 TraceEvent 元素' } : { kind: 'text', text: inner, messageId };
}

function parse(text: string): readonly [string, Node] | undefined {
  let result: unknown;
  try {
    new Parser({ explicitArray: true, trim: true, tagNameProcessors: [processors.stripPrefix], attrNameProcessors: [processors.stripPrefix] })
      .parseString(text, (error: unknown, value: unknown) => { if (error === null) result = value; });
  } catch {
    return undefined;
  }
  const [entry] = typeof result === 'object' && result !== null ? Object.entries(result) : [];
  return entry as readonly [string, Node] | undefined;
}

function collect(node: Node, name: string, parent: string, found: Node[], depth: number): void {
  if (name === 'traceevent' || (name === 'event' && (parent === 'events' || parent === 'traceevents'))) {
    found.push(node);
    return;
  }
  if (depth >= DEEPEST) return;
  for (const [child, member] of children(node)) collect(member, child, name, found, depth + 1);
}

/** Child elements with their lower-case names, in the order xml2js keeps: those of one name together. */
function children(node: Node): readonly (readonly [string, Node])[] {
  if (typeof node === 'string') return [];
  return Object.entries(node).flatMap(([name, list]) => (name === '_' || name === '$' || !Array.isArray(list) ? [] : list.map((member: unknown) => [name.toLowerCase(), member as Node] as const)));
}

function childrenNamed(node: Node, name: string): readonly Node[] {
  const wanted = name.toLowerCase();
  return children(node).filter(([child]) => child === wanted).map(([, member]) => member);
}

function textOf(node: Node): string {
  return (typeof node === 'string' ? node : (node._ ?? '')).trim();
}

/** A member's text, from its element or attribute; a list when it was given more than once, so that the check names it. */
function member(node: Node, name: string): string | readonly string[] | undefined {
  const texts = childrenNamed(node, name).map(textOf);
  if (texts.length > 1) return texts;
  return texts[0] ?? attribute(node, name);
}

function attribute(node: Node, name: string): string | undefined {
  if (typeof node === 'string') return undefined;
  const wanted = name.toLowerCase();
  return Object.entries(node.$ ?? {}).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

function members(node: Node, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, member(node, name)] as const).filter(([, value]) => value !== undefined && value !== ''));
}

function flag(node: Node, name: string): Readonly<Record<string, unknown>> {
  const value = member(node, name);
  if (value === undefined || value === '') return {};
  const known = typeof value === 'string' ? { 'true': true, '1': true, 'y': true, '是': true, 'false': false, '0': false, 'n': false, '否': false }[value.toLowerCase()] : undefined;
  return { [name]: known ?? value };
}

function toEvent(node: Node): unknown {
  const sections = Object.entries(SECTIONS).flatMap(([name, names]) => {
    const [section] = childrenNamed(node, name);
    return section === undefined ? [] : [[name, members(section, names)] as const];
  });
  const wrapped = childrenNamed(node, 'lines').flatMap((lines) => childrenNamed(lines, 'line'));
  return { ...members(node, SCALARS), ...flag(node, 'emergency'), ...Object.fromEntries(sections), lines: [...wrapped, ...childrenNamed(node, 'line')].map(toLine) };
}

function toLine(node: Node): unknown {
  const inside = childrenNamed(node, 'codes').flatMap((codes) => {
    const single = childrenNamed(codes, 'code').map(textOf);
    // codes never hold blanks: a list of them may stand in one element
    return single.length > 0 ? single : textOf(codes).split(/\s+/);
  });
  const codes = [...inside, ...childrenNamed(node, 'code').map(textOf)].filter((code) => code !== '');
  return { ...members(node, LINE), ...flag(node, 'split'), codes };
}

/** `<Header><MessageID>` of the DHC wrapper, or `<id extension="…">` of an HL7 V3 one. */
function messageIdOf(root: Node): string {
  const named = childrenNamed(root, 'header').flatMap((header) => childrenNamed(header, 'messageId')).map(textOf)[0];
  return named ?? childrenNamed(root, 'id').map((id) => attribute(id, 'extension') ?? '')[0] ?? '';
}

function bodyText(node: Node, depth: number): string | undefined {
  if (depth >= DEEPEST) return undefined;
  for (const [name, child] of children(node)) {
    const text = BODIES.has(name) ? textOf(child) : '';
    const found = text !== '' ? text : bodyText(child, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
