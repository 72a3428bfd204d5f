import { expect } from 'chai';
import { ERRORS } from '../../adapter/domain/error.ts';
import { ROUTES } from '../../adapter/http/registry.ts';
import { startHttp } from './fixture.ts';
import type { HttpFixture } from './fixture.ts';

interface Operation { readonly operationId: string; readonly summary: string; readonly parameters: readonly { name: string; in: string; required: boolean }[]; readonly responses: Readonly<Record<string, unknown>>; readonly security?: unknown; readonly requestBody?: unknown }
interface Description { readonly openapi: string; readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>; readonly components: { readonly schemas: Readonly<Record<string, unknown>> } }

describe('http: /openapi.json', () => {
  let http: HttpFixture;
  let description: Description;
  before(async () => {
    http = await startHttp();
    description = (await http.call('/openapi.json', { token: http.token('security') })).json as unknown as Description;
  });
  after(() => http.close());

  it('lists every route and nothing else', () => {
    expect(description.openapi).to.equal('3.1.0');
    const listed = Object.entries(description.paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
    expect(listed).to.have.members(ROUTES.map((route) => `${route.method} ${route.path}`));
  });

  it('declares every path parameter, a summary and the errors of each operation', () => {
    for (const [path, item] of Object.entries(description.paths)) {
      for (const operation of Object.values(item)) {
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        expect(operation.parameters.filter((parameter) => parameter.in === 'path').map((parameter) => parameter.name), path).to.have.members(named);
        expect(operation.summary).not.to.equal('');
        expect(operation.responses).to.include.keys('200', String(ERRORS.INTERNAL.status), String(ERRORS.REQUEST_INVALID.status));
        if (operation.security === undefined) expect(operation.responses).to.include.keys('401', '403');
      }
    }
  });

  it('refers only to components that exist', () => {
    const text = JSON.stringify(description);
    expect(text).not.to.contain('#/$defs').and.not.contain('"$defs"');
    const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? '');
    expect(referred.length).to.be.greaterThan(20);
    for (const name of new Set(referred)) expect(description.components.schemas, name).to.have.property(name);
    expect(description.components.schemas['Error']).to.deep.include({ required: ['code', 'message', 'action', 'requestId'] });
  });

  it('says of every parameter and every member what it means', () => {
    interface Shape { readonly description?: string; readonly properties?: Readonly<Record<string, Shape>>; readonly items?: Shape; readonly anyOf?: readonly Shape[] }
    const silent: string[] = [];
    const look = (shape: Shape | undefined, at: string): void => {
      for (const [name, member] of Object.entries(shape?.properties ?? {})) {
        if ((member.description ?? '') === '') silent.push(`${at}.${name}`);
        look(member, `${at}.${name}`);
      }
      if (shape?.items !== undefined) look(shape.items, `${at}[]`);
      for (const one of shape?.anyOf ?? []) look(one, at);
    };
    for (const [name, schema] of Object.entries(description.components.schemas)) look(schema as Shape, name);
    for (const item of Object.values(description.paths)) {
      for (const operation of Object.values(item)) {
        for (const parameter of operation.parameters as readonly { readonly name: string; readonly description?: string }[]) if ((parameter.description ?? '') === '') silent.push(`${operation.operationId} ?${parameter.name}`);
        for (const part of [operation.requestBody, operation.responses['200']]) for (const { schema } of Object.values((part as { readonly content?: Readonly<Record<string, { readonly schema?: Shape }>> } | undefined)?.content ?? {})) look(schema, operation.operationId);
      }
    }
    expect(silent).to.deep.equal([]);
  });

  it('describes the event of the contract: what is required, and that more is tolerated', () => {
    const event = description.components.schemas['TraceEvent'] as { required: string[]; additionalProperties?: boolean; properties: Record<string, unknown> };
    expect(event.required).to.have.members(['id', 'source', 'institution', 'kind', 'occurredAt']);
    expect(event.additionalProperties).not.to.equal(false);
    expect(event.properties).to.include.keys('patient', 'counterparty', 'refers', 'deliveryNoteNo');
  });
});
