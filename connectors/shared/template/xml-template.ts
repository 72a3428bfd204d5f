import { DOMParser } from '@xmldom/xmldom';
import type { Node } from '@xmldom/xmldom';
import { compileCondition, compileLoop, compileText, fillText, scopesOf, type CompileContext, type Loop, type Maps, type Part } from './placeholder.ts';
import { isGiven, TemplateFault, valueAt, type Model } from './value.ts';
import { cdataOf, escapeXmlAttribute, escapeXmlText } from './xml-escape.ts';

interface ElementNode {
  readonly name: string;
  readonly attributes: readonly (readonly [string, readonly Part[]])[];
  readonly children: readonly TemplateNode[];
  readonly each?: Loop;
  readonly condition?: readonly string[];
  readonly cdata: boolean;
  /** `t:raw`: its place is taken by a fragment made beforehand (the signed payload), which is XML already */
  readonly raw?: readonly string[];
}
type TemplateNode = ElementNode | readonly Part[];
export interface XmlTemplate { readonly nodes: readonly TemplateNode[]; readonly maps: Maps }

const DIRECTIVES = 'urn:his-trace:template';
const [ELEMENT, TEXT, CDATA, COMMENT] = [1, 3, 4, 8];

/**
 * Compiles XML as a vendor prints it in a manual, with `{{…}}` in texts and attributes, `t:each`, `t:if` and `t:cdata` on elements.
 * It becomes a tree first: values only ever fill texts and attributes, so nothing in a report can become markup.
 * @throws TemplateFault in Chinese
 */
export function compileXml(source: string, context: CompileContext): XmlTemplate {
  if (/<!DOCTYPE|<!ENTITY/i.test(source)) throw new TemplateFault('模板中不能有 DOCTYPE');
  const stop = (_level: string, message: string): never => { throw new TemplateFault(`不是完整的 XML：${message.split('\n')[0]?.slice(0, 160) ?? ''}`); };
  let root: Node | null;
  try {
    root = new DOMParser({ onError: stop, locator: false }).parseFromString(`<t:template xmlns:t="${DIRECTIVES}">${source.trim().replace(/^<\?xml[^>]*\?>/, '')}</t:template>`, 'text/xml').documentElement;
  } catch (error) {
    throw new TemplateFault((error as Error).message.slice(0, 200));
  }
  return { nodes: childrenOf(root, context), maps: context.maps };
}

function childrenOf(node: Node | null, context: CompileContext): readonly TemplateNode[] {
  const compiled: TemplateNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.nodeType === ELEMENT) compiled.push(elementOf(child as ElementLike, context));
    else if (child.nodeType === TEXT || child.nodeType === CDATA) {
      const text = child.nodeValue ?? '';
      // line breaks and indents between elements are the writer's, not the platform's
      if (text.trim() !== '' || !text.includes('\n')) compiled.push(compileText(text, context));
    } else if (child.nodeType !== COMMENT) throw new TemplateFault('模板中只能有元素、属性和文字');
  }
  return compiled;
}

type ElementLike = Node & { readonly tagName: string; readonly attributes: Iterable<{ readonly name: string; readonly value: string }> };

function elementOf(element: ElementLike, outer: CompileContext): ElementNode {
  const given = new Map([...element.attributes].map(({ name, value }) => [name, value]));
  const take = (name: string): string | undefined => {
    const value = given.get(name);
    given.delete(name);
    return value;
  };
  const [each, condition, cdata] = [take('t:each'), take('t:if'), take('t:cdata')];
  const loop = each === undefined ? undefined : compileLoop(each, outer);
  const context = loop?.inside ?? outer;
  const raw = element.tagName === 't:raw' ? compileCondition(take('of') ?? '', context) : undefined;
  if (raw === undefined && element.tagName.startsWith('t:')) throw new TemplateFault(`没有 <${element.tagName}> 这种指令`);
  const strange = [...given.keys()].find((name) => name.startsWith('t:'));
  if (strange !== undefined) throw new TemplateFault(`没有 ${strange} 这种指令，可用 t:each、t:if、t:cdata`);
  return {
    name: element.tagName, cdata: cdata === 'true',
    attributes: [...given].map(([name, value]) => [name, compileText(value, context)]),
    children: childrenOf(element, context),
    ...(loop === undefined ? {} : { each: loop.loop }),
    ...(condition === undefined ? {} : { condition: compileCondition(condition, context) }),
    ...(raw === undefined ? {} : { raw }),
  };
}

/** @returns the XML filled in, without declaration. @throws FillFault when a required value is missing */
export function fillXml(template: XmlTemplate, scope: Model): string {
  return template.nodes.map((node) => fillNode(node, scope, template.maps)).join('');
}

function fillNode(node: TemplateNode, scope: Model, maps: Maps): string {
  if (!('name' in node)) return fillText(node, scope, maps, escapeXmlText);
  const scopes = node.each === undefined ? [scope] : scopesOf(node.each, scope);
  return scopes.filter((each) => node.condition === undefined || isGiven(valueAt(each, node.condition))).map((each) => fillElement(node, each, maps)).join('');
}

function fillElement(node: ElementNode, scope: Model, maps: Maps): string {
  if (node.raw !== undefined) {
    const fragment = valueAt(scope, node.raw);
    return typeof fragment === 'string' ? fragment : '';
  }
  if (isOmitted(node, scope, maps)) return '';
  const attributes = node.attributes.map(([name, parts]) => ` ${name}="${fillText(parts, scope, maps, escapeXmlAttribute)}"`).join('');
  const inside = node.cdata ? cdataOf(node.children.map((child) => ('name' in child ? fillNode(child, scope, maps) : fillText(child, scope, maps))).join('')) : node.children.map((child) => fillNode(child, scope, maps)).join('');
  return inside === '' ? `<${node.name}${attributes}/>` : `<${node.name}${attributes}>${inside}</${node.name}>`;
}

function isOmitted(node: ElementNode, scope: Model, maps: Maps): boolean {
  const [only, ...others] = node.children;
  if (only === undefined || others.length > 0 || 'name' in only) return false;
  const [part, ...more] = only;
  return part !== undefined && more.length === 0 && typeof part !== 'string' && part.formats.some(({ name }) => name === 'omit') && fillText(only, scope, maps) === '';
}
