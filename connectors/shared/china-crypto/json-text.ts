/**
 * JSON read so that it can be written again as it was: numbers keep their digits (12.50 stays 12.50, which a JavaScript number
 * cannot), members keep their order. A signature over a peer's numbers cannot be checked otherwise.
 */
export type JsonNode = string | boolean | null | JsonNumber | readonly JsonNode[] | JsonMembers;
export interface JsonNumber { readonly digits: string }
export type JsonMembers = ReadonlyMap<string, JsonNode>;

/** deeper than any message of any platform; a reply of nothing but brackets must not exhaust the stack */
const DEEPEST = 60;

/** @returns undefined for what is no JSON, or too deep */
export function readJsonText(text: string): JsonNode | undefined {
  try {
    // the first parse proves that it is JSON; the marks then tell strings ("s…") from numbers ("n…")
    JSON.parse(text);
    return unmarked(JSON.parse(marked(text)), DEEPEST);
  } catch {
    return undefined;
  }
}

/** @returns the members of a JSON object, or undefined for anything else */
export function readJsonMembers(text: string): JsonMembers | undefined {
  const node = readJsonText(text);
  return isMembers(node) ? node : undefined;
}

export function isMembers(node: JsonNode | undefined): node is JsonMembers {
  return node instanceof Map;
}

export function isNumber(node: JsonNode | undefined): node is JsonNumber {
  return typeof node === 'object' && node !== null && 'digits' in node;
}

export function isList(node: JsonNode | undefined): node is readonly JsonNode[] {
  return Array.isArray(node);
}

/** @returns JSON without white space, members in their order */
export function compactJson(node: JsonNode): string {
  if (isMembers(node)) return `{${[...node].map(([name, value]) => `${JSON.stringify(name)}:${compactJson(value)}`).join(',')}}`;
  if (isList(node)) return `[${node.map(compactJson).join(',')}]`;
  return isNumber(node) ? node.digits : JSON.stringify(node);
}

/** @returns the same with the members of every object in ascending order of their names (UTF-16, as Java and JavaScript sort) */
export function sortedNode(node: JsonNode): JsonNode {
  if (isMembers(node)) return new Map([...node].map(([name, value]) => [name, sortedNode(value)] as const).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)));
  return isList(node) ? node.map(sortedNode) : node;
}

/** @returns text as it is, numbers by their digits, true and false by name, null as nothing, everything else as compact JSON */
export function valueText(node: JsonNode | undefined): string {
  if (node === undefined || node === null) return '';
  if (typeof node === 'string') return node;
  if (typeof node === 'boolean') return String(node);
  return isNumber(node) ? node.digits : compactJson(node);
}

/**
 * One walk over the text. A single regular expression for a string would keep a way back for every escape in it, and a long enough
 * reply would exhaust that.
 */
function marked(text: string): string {
  const parts: string[] = [];
  const start = /["\d-]/g;
  const number = /[-+.\deE]+/y;
  let done = 0;
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const at = found.index;
    number.lastIndex = at;
    const isText = text[at] === '"';
    const end = isText ? endOfText(text, at) : at + (number.exec(text)?.[0].length ?? 1);
    parts.push(text.slice(done, at), isText ? `"s${text.slice(at + 1, end)}` : `"n${text.slice(at, end)}"`);
    done = end;
    start.lastIndex = end;
  }
  return parts.join('') + text.slice(done);
}

/** @returns the place behind the quote that ends the text which begins at `start`: the first one with an even number of backslashes before it */
function endOfText(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function unmarked(value: unknown, depth: number): JsonNode {
  if (depth === 0) throw new RangeError('too deep');
  if (typeof value === 'string') return value.startsWith('n') ? { digits: value.slice(1) } : value.slice(1);
  if (Array.isArray(value)) return value.map((each) => unmarked(each, depth - 1));
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value).map(([name, each]) => [name.slice(1), unmarked(each, depth - 1)]));
  return value === true ? true : value === false ? false : null;
}
