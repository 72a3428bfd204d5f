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
  for (const [child, nodes] of new Members(node).children) for (const inner of nodes) collect(inner, child, name, found, depth + 1);
}

function textOf(node: Node): string {
  return (typeof node === 'string' ? node : (node._ ?? '')).trim();
}

/** Children and attributes of one element by lower-case name, those of one name together as xml2js keeps them. */
class Members {
  readonly children = new Map<string, readonly Node[]>();
  readonly #attributes = new Map<string, string>();

  constructor(node: Node) {
    if (typeof node === 'string') return;
    for (const [name, list] of Object.entries(node)) {
      if (name === '_' || name === '$' || !Array.isArray(list)) continue;
      const key = name.toLowerCase();
      this.children.set(key, [...this.nodes(key), ...(list as readonly Node[])]);
    }
    for (const [name, value] of Object.entries(node.$ ?? {})) this.#attributes.set(name.toLowerCase(), value);
  }

  nodes(name: string): readonly Node[] {
    return this.children.get(name.toLowerCase()) ?? [];
  }

  attribute(name: string): string | undefined {
    return this.#attributes.get(name.toLowerCase());
  }

  /** A member's text, from its element or attribute; a list when it was given more than once, so that the check names it. */
  text(name: string): string | readonly string[] | undefined {
    const nodes = this.nodes(name);
    return nodes.length > 1 ? nodes.map(textOf) : nodes[0] === undefined ? this.attribute(name) : textOf(nodes[0]);
  }

  texts(names: readonly string[]): Readonly<Record<string, unknown>> {
    return Object.fromEntries(names.map((name) => [name, this.text(name)] as const).filter(([, value]) => value !== undefined && value !== ''));
  }

  flag(name: string): Readonly<Record<string, unknown>> {
    const value = this.text(name);
    if (value === undefined || value === '') return {};
    return { [name]: typeof value === 'string' ? (FLAGS.get(value.toLowerCase()) ?? value) : value };
  }
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([['true', true], ['1', true], ['y', true], ['是', true], ['false', false], ['0', false], ['n', false], ['否', false]]);

function toEvent(node: Node): unknown {
  const event = new Members(node);
  const sections = Object.entries(SECTIONS).flatMap(([name, names]) => {
    const [section] = event.nodes(name);
    return section === undefined ? [] : [[name, new Members(section).texts(names)] as const];
  });
  const lines = [...event.nodes('lines').flatMap((wrapper) => new Members(wrapper).nodes('line')), ...event.nodes('line')];
  return { ...event.texts(SCALARS), ...event.flag('emergency'), ...Object.fromEntries(sections), lines: lines.map(toLine) };
}

function toLine(node: Node): unknown {
  const line = new Members(node);
  const wrapped = line.nodes('codes').flatMap((codes) => {
    const single = new Members(codes).nodes('code').map(textOf);
    // codes never hold blanks: a list of them may stand in one element
    return single.length > 0 ? single : textOf(codes).split(/\s+/);
  });
  const codes = [...wrapped, ...line.nodes('code').map(textOf)].filter((code) => code !== '');
  return { ...line.texts(LINE), ...line.flag('split'), codes };
}

/** `<Header><MessageID>` of the DHC wrapper, or `<id extension="…">` of an HL7 V3 one. */
function messageIdOf(root: Node): string {
  const top = new Members(root);
  const named = top.nodes('header').flatMap((header) => new Members(header).nodes('messageId')).map(textOf)[0];
  return named ?? top.nodes('id').map((id) => new Members(id).attribute('extension') ?? '')[0] ?? '';
}

function bodyText(node: Node, depth: number): string | undefined {
  if (depth >= DEEPEST) return undefined;
  for (const [name, nodes] of new Members(node).children) {
    for (const child of nodes) {
      const text = BODIES.has(name) ? textOf(child) : '';
      const found = text !== '' ? text : bodyText(child, depth + 1);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
