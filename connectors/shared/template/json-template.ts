import type { YamlNode } from '../profile-file/yaml-node.ts';
import { compileCondition, compileLoop, compileText, fillText, scopesOf, type CompileContext, type Loop, type Maps, type Part } from './placeholder.ts';
import { FillFault, isGiven, TemplateFault, valueAt, type Model } from './value.ts';

/** JSON whose numbers are texts, so that no digit is lost. */
export type Json = { readonly literal: string } | { readonly text: string } | { readonly list: readonly Json[] } | { readonly members: readonly (readonly [string, Json])[] };

interface Leaf { readonly kind: 'leaf'; readonly parts: readonly Part[]; readonly as: 'text' | 'number' | 'boolean' | 'json'; readonly omit: boolean }
interface Directed { readonly each?: Loop; readonly condition?: readonly string[] }
type Node =
  | Leaf
  | { readonly kind: 'literal'; readonly literal: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | (Directed & { readonly kind: 'map'; readonly members: readonly (readonly [string, Node])[]; readonly value?: Node });
export interface JsonTemplate { readonly root: Node; readonly maps: Maps }

/**
 * Compiles a body written as YAML, which takes JSON as it is: `{{…}}` in texts; `$each` and `$if` on a map, `$value` where the
 * item of a list is a plain value. @throws TemplateFault with the line it concerns
 */
export function compileJson(source: YamlNode, context: CompileContext): JsonTemplate {
  return { root: nodeOf(source, context), maps: context.maps };
}

function nodeOf(source: YamlNode, context: CompileContext): Node {
  if (source.kind === 'list') return { kind: 'list', items: source.items.map((item) => nodeOf(item, context)) };
  if (source.kind === 'text') return located(source.line, () => leafOf(source.value, source.quoted, context));
  const member = (name: string): YamlNode | undefined => source.entries.find(({ key }) => key === name)?.value;
  const textOf = (name: string): string | undefined => {
    const node = member(name);
    return node?.kind === 'text' ? node.value : undefined;
  };
  const [each, condition] = [textOf('$each'), textOf('$if')];
  const loop = each === undefined ? undefined : located(source.line, () => compileLoop(each, context));
  const inside = loop?.inside ?? context;
  const value = member('$value');
  const strange = source.entries.find(({ key }) => key.startsWith('$') && !['$each', '$if', '$value'].includes(key));
  if (strange !== undefined) throw new TemplateFault(`第 ${String(strange.line)} 行：没有 ${strange.key} 这种指令，可用 $each、$if、$value`);
  return {
    kind: 'map', members: source.entries.filter(({ key }) => !key.startsWith('$')).map(({ key, value: node }) => [key, nodeOf(node, inside)] as const),
    ...(loop === undefined ? {} : { each: loop.loop }),
    ...(condition === undefined ? {} : { condition: located(source.line, () => compileCondition(condition, inside)) }),
    ...(value === undefined ? {} : { value: nodeOf(value, inside) }),
  };
}

function located<T>(line: number, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof TemplateFault) || error.message.startsWith('第 ')) throw error;
    throw new TemplateFault(`第 ${String(line)} 行：${error.message}`);
  }
}

function leafOf(value: string, quoted: boolean, context: CompileContext): Node {
  if (!quoted && /^(true|false|null|-?(0|[1-9]\d{0,14})(\.\d+)?)$/.test(value)) return { kind: 'literal', literal: value };
  if (!quoted && value === '') return { kind: 'literal', literal: 'null' };
  const parts = compileText(value, context);
  const [only, ...others] = parts;
  const formats = others.length === 0 && typeof only === 'object' ? only.formats.map(({ name }) => name) : [];
  const as = (['number', 'boolean', 'json'] as const).find((name) => formats.includes(name)) ?? 'text';
  if (formats.length === 0 && /\|\s*(number|boolean|json|omit)\s*\}\}/.test(value)) throw new TemplateFault(`“${value.slice(0, 60)}”：number、boolean、json、omit 只能用在整个值上`);
  return { kind: 'leaf', parts, as, omit: formats.includes('omit') };
}

/** @returns the filled body. @throws FillFault when a required value is missing */
export function fillJson(template: JsonTemplate, scope: Model): Json {
  return fillNode(template.root, scope, template.maps)[0] ?? { literal: 'null' };
}

/** None when it is left out, several when a loop stands in a list. */
function fillNode(node: Node, scope: Model, maps: Maps): readonly Json[] {
  switch (node.kind) {
    case 'literal': return [{ literal: node.literal }];
    case 'leaf': return fillLeaf(node, scope, maps);
    case 'list': return [{ list: node.items.flatMap((item) => fillNode(item, scope, maps)) }];
    case 'map': {
      const scopes = node.each === undefined ? [scope] : scopesOf(node.each, scope);
      return scopes.filter((each) => node.condition === undefined || isGiven(valueAt(each, node.condition))).flatMap((each) => {
        if (node.value !== undefined) return fillNode(node.value, each, maps);
        return [{ members: node.members.flatMap(([name, member]) => fillNode(member, each, maps).slice(0, 1).map((value) => [name, value] as const)) }];
      });
    }
  }
}

function fillLeaf(leaf: Leaf, scope: Model, maps: Maps): readonly Json[] {
  const text = fillText(leaf.parts, scope, maps);
  if (text === '' && leaf.omit) return [];
  if (leaf.as === 'text') return [{ text }];
  if (text === '') return [{ literal: 'null' }];
  if (leaf.as === 'boolean' && text !== 'true' && text !== 'false') throw new FillFault('应为 true 或 false 的内容不是');
  return [{ literal: text }];
}

/** @returns compact JSON text; lone halves of a surrogate pair become U+FFFD, which every reader takes */
export function jsonText(json: Json): string {
  if ('literal' in json) return json.literal;
  if ('text' in json) return quoted(json.text);
  if ('list' in json) return `[${json.list.map(jsonText).join(',')}]`;
  return `{${json.members.map(([name, value]) => `${quoted(name)}:${jsonText(value)}`).join(',')}}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd'));
}

/** @returns plain objects for a serialiser of another kind (typed SOAP): numbers stay texts */
export function jsonObject(json: Json): unknown {
  if ('literal' in json) return json.literal === 'null' ? undefined : json.literal;
  if ('text' in json) return json.text;
  if ('list' in json) return json.list.map(jsonObject);
  return Object.fromEntries(json.members.map(([name, value]) => [name, jsonObject(value)]));
}
