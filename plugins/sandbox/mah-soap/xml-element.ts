/** One element of a request; strict enough for a fake that must not forgive. */
export interface XmlElement {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** text between its tags, entities resolved, children left out */
  readonly text: string;
}

interface Open { readonly tag: string; readonly name: string; readonly namespace: string; readonly attributes: Record<string, string>; readonly scope: Readonly<Record<string, string>>; readonly children: XmlElement[]; text: string }

const TOKEN = /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)|(<)/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** @returns the root element, or undefined for whatever is no single well-formed document with known prefixes */
export function parseXml(source: string): XmlElement | undefined {
  const text = source.replace(/^\s*<\?xml[^>]*\?>/, '').trim();
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, cdata, closing, opening, attributes = '', empty, plain, stray] = match;
    if (stray !== undefined || match.index !== end) return undefined;
    end = match.index + whole.length;
    const top = open.at(-1);
    if (cdata !== undefined || plain !== undefined) {
      const value = cdata ?? resolved(plain ?? '');
      if (value === undefined || (top === undefined && value.trim() !== '')) return undefined;
      if (top !== undefined) top.text += value;
    } else if (opening !== undefined) {
      if (root !== undefined) return undefined;
      const element = opened(opening, attributes, top);
      if (element === undefined) return undefined;
      open.push(element);
      if (empty === '/') root = closed(open);
    } else if (closing !== undefined) {
      if (top?.tag !== closing) return undefined;
      root = closed(open);
    }
  }
  return open.length === 0 ? root : undefined;
}

function opened(tag: string, source: string, above: Open | undefined): Open | undefined {
  const attributes: Record<string, string> = {};
  for (const [, name = '', double, single] of source.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    const value = resolved(double ?? single ?? '');
    if (value === undefined || Object.hasOwn(attributes, name)) return undefined;
    attributes[name] = value;
  }
  const scope: Record<string, string> = { ...above?.scope };
  for (const [name, value] of Object.entries(attributes)) if (name === 'xmlns') scope[''] = value; else if (name.startsWith('xmlns:')) scope[name.slice(6)] = value;
  const [prefix = '', name] = tag.includes(':') ? tag.split(':') : ['', tag];
  const namespace = scope[prefix] ?? (prefix === '' ? '' : undefined);
  return name === undefined || namespace === undefined ? undefined : { tag, name, namespace, attributes, scope, children: [], text: '' };
}

/** @returns the root when the last element was closed */
function closed(open: Open[]): XmlElement | undefined {
  const last = open.pop();
  if (last === undefined) return undefined;
  const element: XmlElement = { name: last.name, namespace: last.namespace, attributes: last.attributes, children: last.children, text: last.text };
  const above = open.at(-1);
  above?.children.push(element);
  return above === undefined ? element : undefined;
}

function resolved(text: string): string | undefined {
  const strange: string[] = [];
  const value = text.replace(/&([^;&\s]*);?/g, (whole, name: string) => {
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
    const character = number === null ? ENTITIES[name] : String.fromCodePoint(Math.min(0x10ffff, number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16)));
    if (character === undefined || !whole.endsWith(';')) strange.push(whole);
    return character ?? '';
  });
  return strange.length > 0 ? undefined : value;
}

/** @returns the only child of a name, undefined when there is none or more than one */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  const found = element?.children.filter((child) => child.name === name) ?? [];
  return found.length === 1 ? found[0] : undefined;
}

export function textOf(element: XmlElement | undefined, name: string): string {
  return childOf(element, name)?.text ?? '';
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
