import { z } from 'zod';
import { ERRORS } from '../domain/error.ts';
import type { ErrorCode } from '../domain/error.ts';
import { fieldText } from './field-texts.ts';
import { errorSchema } from './reply-schemas.ts';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

/** Errors that any operation may answer. */
const COMMON: readonly ErrorCode[] = ['REQUEST_INVALID', 'INTERNAL', 'OVERLOADED', 'STOPPING'];
const WITH_TOKEN: readonly ErrorCode[] = ['TOKEN_MISSING', 'TOKEN_INVALID', 'FORBIDDEN', 'STORE_UNAVAILABLE'];
const WITH_BODY: readonly ErrorCode[] = ['BODY_NOT_JSON', 'RECORD_TOO_LARGE'];

/** Rewrites `#/$defs/X` to `#/components/schemas/X`; shared schemas go there once. */
function hoist(value: unknown, components: Map<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((member) => hoist(member, components));
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (name === '$schema') continue;
    if (name === '$defs') {
      // the first use decides: an event as sent may have members of the HIS's own
      for (const [id, schema] of Object.entries(member as Json)) if (!components.has(id)) components.set(id, hoist(schema, components));
    } else if (name === '$ref' && typeof member === 'string') kept[name] = member.replace('#/$defs/', '#/components/schemas/');
    else kept[name] = hoist(member, components);
  }
  return kept;
}

/** Says what each member means where its schema does not; `place` is the component or the operation it belongs to. */
function described(schema: unknown, place: string): unknown {
  if (Array.isArray(schema)) return schema.map((member) => described(member, place));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(Object.entries(schema).map(([name, member]) => {
    if (name !== 'properties' || typeof member !== 'object' || member === null) return [name, described(member, place)];
    return [name, Object.fromEntries(Object.entries(member as Readonly<Record<string, Json>>).map(([key, property]) => {
      const text = property['description'] === undefined ? fieldText(place, key) : undefined;
      return [key, { ...described(property, place) as Json, ...(text === undefined ? {} : { description: text }) }];
    }))];
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Map<string, unknown>): unknown {
  return hoist(z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }), components);
}

/** Parameters of the path or the query, from the members of the route's schema. */
function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query', components: Map<string, unknown>, operation: string): readonly Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = described(schemaOf(schema, 'input', components), operation) as { properties?: Json; required?: readonly string[] };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return { name, in: place, required: place === 'path' || required.includes(name), schema: rest, ...(description === undefined ? {} : { description }) };
  });
}

function errorsOf(route: Route): Json {
  const codes = new Set<ErrorCode>([
    ...COMMON, ...(route.roles === 'anyone' ? [] : WITH_TOKEN), ...(route.request.body === undefined && route.request.raw === undefined ? [] : WITH_BODY), ...(route.errors ?? []),
  ]);
  const byStatus = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const status = String(ERRORS[code].status);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return Object.fromEntries([...byStatus].map(([status, found]) => [status, { description: found.map((code) => `${code} ${ERRORS[code].zh}`).join('；'), content }]));
}

function requestBodyOf(route: Route, components: Map<string, unknown>): Json {
  const { raw, body } = route.request;
  if (raw !== undefined) {
    const schema = schemaOf(raw.schema, 'input', components);
    return { requestBody: { required: true, content: Object.fromEntries(raw.contentTypes.map((type) => [type, { schema }])) } };
  }
  return body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: described(schemaOf(body, 'input', components), route.operation) } } } };
}

function operationOf(route: Route, components: Map<string, unknown>): Json {
  const { schema, contentType = 'application/json', description } = route.response;
  const content = { [contentType]: { schema: schema === undefined ? { type: 'string' } : described(schemaOf(schema, 'output', components), route.operation) } };
  return {
    operationId: route.operation,
    summary: route.summary,
    ...(route.roles === 'anyone' ? { security: [] } : { 'x-roles': route.roles }),
    parameters: [...parametersOf(route.request.params, 'path', components, route.operation), ...parametersOf(route.request.query, 'query', components, route.operation)],
    ...requestBodyOf(route, components),
    responses: { 200: { description, content }, ...errorsOf(route) },
  };
}

/** @returns the OpenAPI 3.1 description of every route, made from the same schemas that check the requests */
export function openApiOf(routes: readonly Route[], version: string): Json {
  const components = new Map<string, unknown>();
  schemaOf(errorSchema, 'output', components);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route, components) };
  return {
    openapi: '3.1.0',
    info: { title: 'his-trace-adapter 药品追溯码前置机', version },
    security: [{ token: [] }],
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } }, schemas: Object.fromEntries([...components].map(([name, schema]) => [name, described(schema, name)])) },
  };
}
