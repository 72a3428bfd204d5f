import type { MapReader } from '../profile-file/profile-reader.ts';
import { compileJson, fillJson, jsonText, type JsonTemplate } from '../template/json-template.ts';
import { compileText, fillText, type CompileContext, type Maps, type Part } from '../template/placeholder.ts';
import type { Model } from '../template/value.ts';
import { compileXml, fillXml, type XmlTemplate } from '../template/xml-template.ts';
import type { TemplateContexts } from './read-profile.ts';
import { signatureOf, type SignatureRule } from './signature.ts';

type Filled = { readonly kind: 'xml'; readonly template: XmlTemplate } | { readonly kind: 'json'; readonly template: JsonTemplate } | { readonly kind: 'form'; readonly fields: readonly (readonly [string, readonly Part[]])[] };

/** The business content, and optionally the protocol frame around it, which may hold its signature. */
export interface BodyTemplate { readonly payload: Filled; readonly frame: Filled | undefined; readonly maps: Maps }

export interface FilledBody {
  readonly text: string;
  readonly contentType: string;
  /** the scope with `payload` and `signature` in it, for headers and arguments */
  readonly scope: Model;
  readonly signature: string;
}

const CONTENT_TYPE = { xml: 'text/xml; charset=utf-8', json: 'application/json; charset=utf-8', form: 'application/x-www-form-urlencoded; charset=utf-8' } as const;

/** Reads `xml`, `json` or `form`, and `frame`. @returns undefined when the request has no body of its own or it is wrong (noted) */
export function readBody(map: MapReader, contexts: TemplateContexts): BodyTemplate | undefined {
  const payload = readFilled(map, contexts.body);
  const frameMap = map.map('frame');
  const frame = map.has('frame') ? readFilled(frameMap, contexts.frame) : undefined;
  frameMap.end();
  return payload === undefined ? undefined : { payload, frame, maps: contexts.body.maps };
}

function readFilled(map: MapReader, context: CompileContext): Filled | undefined {
  const given = (['xml', 'json', 'form'] as const).filter((kind) => map.has(kind));
  const [kind] = given;
  if (kind === undefined) return undefined;
  if (given.length > 1) map.problem(given[1] ?? kind, 'xml、json、form 只能写一个');
  try {
    switch (kind) {
      case 'xml': return { kind, template: compileXml(map.text('xml', { required: true }) ?? '', context) };
      case 'json': {
        const node = map.node('json');
        return node === undefined ? undefined : { kind, template: compileJson(node, context) };
      }
      case 'form': return { kind, fields: Object.entries(map.textMap('form')).map(([name, text]) => [name, compileText(text, context)]) };
    }
  } catch (error) {
    map.problem(kind, (error as Error).message);
    return undefined;
  }
}

/** Fills payload, signature and frame, in this order. @throws FillFault when something required is missing */
export async function fillBody(body: BodyTemplate, scope: Model, signature: SignatureRule | undefined, key: string): Promise<FilledBody> {
  const payload = fill(body.payload, scope, body.maps);
  const around = { ...scope, payload };
  const signed = signature === undefined ? '' : await signatureOf(signature, around, key, body.maps);
  const full = { ...around, signature: signed };
  const outer = body.frame ?? body.payload;
  return { text: body.frame === undefined ? payload : fill(body.frame, full, body.maps), contentType: CONTENT_TYPE[outer.kind], scope: full, signature: signed };
}

function fill(template: Filled, scope: Model, maps: Maps): string {
  switch (template.kind) {
    case 'xml': return fillXml(template.template, scope);
    case 'json': return jsonText(fillJson(template.template, scope));
    case 'form': return new URLSearchParams(template.fields.map(([name, parts]): [string, string] => [name, fillText(parts, scope, maps)])).toString();
  }
}

/** Reads a map of texts with placeholders: headers, arguments. */
export function readTexts(map: MapReader, key: string, context: CompileContext): readonly (readonly [string, readonly Part[]])[] {
  const texts = map.map(key);
  return texts.keys.flatMap((name) => {
    try {
      return [[name, compileText(texts.text(name) ?? '', context)] as const];
    } catch (error) {
      texts.problem(name, (error as Error).message);
      return [];
    }
  });
}

/** @returns HTTP headers; line breaks and other controls in values are left out, so that no value can begin a header of its own */
export function fillHeaders(headers: readonly (readonly [string, readonly Part[]])[], scope: Model, maps: Maps): Record<string, string> {
  return Object.fromEntries(headers.map(([name, parts]) => [name.toLowerCase(), fillText(parts, scope, maps, (text) => text.replace(/[\u0000-\u001f\u007f]/g, '').replace(/[^\u0020-\u007e]/g, (character) => encodeURIComponent(character)))]));
}
