import { FORMATS, formatText, type FormatCall } from './formats.ts';
import { isListShape, shapeAt, TemplateFault, valueAt, type Model, type Shape, type Value } from './value.ts';

/** `{{ line.unitPrice | decimal:2 | required }}`: a name and what is done to its value, in order. */
export interface Placeholder {
  readonly path: readonly string[];
  readonly formats: readonly FormatCall[];
}
export type Part = string | Placeholder;
export type Maps = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a template is checked against while it is compiled. */
export interface CompileContext { readonly shape: Shape; readonly maps: Maps }

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/;

/** Cuts a text at its placeholders. @throws TemplateFault naming the placeholder that is wrong */
export function compileText(text: string, context: CompileContext): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('{{', from);
    if (open < 0) break;
    const close = text.indexOf('}}', open);
    if (close < 0) throw new TemplateFault(`“${text.slice(open, open + 40)}”没有以 }} 结束`);
    if (open > from) parts.push(text.slice(from, open));
    parts.push(compilePlaceholder(text.slice(open + 2, close), context));
    from = close + 2;
  }
  if (from < text.length) parts.push(text.slice(from));
  return parts;
}

function compilePlaceholder(source: string, { shape, maps }: CompileContext): Placeholder {
  const [name = '', ...calls] = source.split('|').map((part) => part.trim());
  if (!NAME.test(name)) throw new TemplateFault(`{{${source}}} 中的“${name.slice(0, 40)}”不是名称`);
  const path = name.split('.');
  const entry = shapeAt(shape, path);
  if (entry === undefined) throw new TemplateFault(`{{${source}}}：没有“${name}”这个名称（见 README 的名称表）`);
  const formats = calls.map((call) => compileFormat(call, source, maps));
  const listed = isListShape(entry);
  if (listed !== formats.some(({ name: format }) => format === 'join')) throw new TemplateFault(listed ? `{{${source}}} 是一个列表：用 each 逐项写出，或用 | join:"," 连接` : `{{${source}}} 不是列表，不能用 join`);
  if (!listed && typeof entry === 'object') throw new TemplateFault(`{{${source}}} 是一组内容，请写到具体的一项，如 ${name}.${Object.keys(entry)[0] ?? ''}`);
  return { path, formats };
}

function compileFormat(call: string, source: string, maps: Maps): FormatCall {
  const colon = call.indexOf(':');
  const name = (colon < 0 ? call : call.slice(0, colon)).trim();
  const argument = colon < 0 ? undefined : call.slice(colon + 1).trim().replace(/^(["'])(.*)\1$/, '$2');
  const format = FORMATS[name];
  if (format === undefined) throw new TemplateFault(`{{${source}}}：没有“${name}”这种格式，可用：${Object.keys(FORMATS).join('、')}`);
  if (argument === undefined && format.argument === 'required') throw new TemplateFault(`{{${source}}}：${name} 后面要写参数，如 ${name}:${format.example ?? ''}`);
  if (argument !== undefined && format.argument === 'none') throw new TemplateFault(`{{${source}}}：${name} 没有参数`);
  if (argument !== undefined && format.check !== undefined && !format.check(argument, maps)) throw new TemplateFault(`{{${source}}}：${name} 的参数“${argument}”不可用`);
  return { name, argument };
}

/** @returns the value of a placeholder as text. @throws FillFault when it cannot be written as asked */
export function fillPlaceholder(placeholder: Placeholder, scope: Model, maps: Maps): string {
  return formatText(valueAt(scope, placeholder.path), placeholder, maps);
}

/** @returns the text with every placeholder filled; `escape` is applied to values only, never to the template's own text */
export function fillText(parts: readonly Part[], scope: Model, maps: Maps, escape: (text: string) => string = (text) => text): string {
  return parts.map((part) => (typeof part === 'string' ? part : escape(fillPlaceholder(part, scope, maps)))).join('');
}

/** `lines`, `line.codes as code`: what a loop runs over and what each item is called inside it. */
export interface Loop { readonly path: readonly string[]; readonly name: string }

/** @returns the loop and the names known inside it. @throws TemplateFault */
export function compileLoop(text: string, context: CompileContext): { readonly loop: Loop; readonly inside: CompileContext } {
  const match = /^([A-Za-z_][\w.-]*)(?:\s+as\s+([A-Za-z_]\w*))?$/.exec(text.trim());
  const path = match?.[1]?.split('.') ?? [];
  const entry = match === null ? undefined : shapeAt(context.shape, path);
  if (entry === undefined || !isListShape(entry)) throw new TemplateFault(`each: “${text.slice(0, 40)}”不是列表，可用 lines、codes、line.codes`);
  const name = match?.[2] ?? (path.at(-1) ?? '').replace(/s$/, '');
  return { loop: { path, name }, inside: { ...context, shape: { ...context.shape, [name]: entry[0] } } };
}

/** @returns one scope for each item of the loop */
export function scopesOf(loop: Loop, scope: Model): readonly Model[] {
  const value: Value = valueAt(scope, loop.path);
  return Array.isArray(value) ? (value as readonly Model[]).map((item) => ({ ...scope, [loop.name]: item })) : [];
}

/** @returns the path of an `if`. @throws TemplateFault when there is no such name */
export function compileCondition(text: string, context: CompileContext): readonly string[] {
  const path = text.trim().split('.');
  if (shapeAt(context.shape, path) === undefined) throw new TemplateFault(`if: 没有“${text.slice(0, 40)}”这个名称`);
  return path;
}
