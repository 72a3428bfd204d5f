import { z } from 'zod';
import { TraceError } from '../../domain/error.ts';
import { defineRoute } from '../route.ts';
import type { Reply, RequestContext, Route } from '../route.ts';
import { soapOf } from './soap-his.ts';

const CONTENT_TYPE = 'text/xml; charset=utf-8';
type Query = Readonly<Record<string, unknown>>;

/** Query members without regard to case: `?WSDL` is what .NET tools ask for. */
function member(query: Query, name: string): string | undefined {
  const found = Object.entries(query).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found.toLowerCase() : undefined;
}

/** `?wsdl`, `?wsdl=call`, `?wsdl&shape=call`; without wsdl the list of what there is. */
function show(context: RequestContext, query: Query, at: { readonly address: string; readonly shape: string }): Reply {
  const soap = soapOf(context.deps);
  const asked = member(query, 'wsdl') ?? member(query, 'singlewsdl');
  if (asked === undefined) {
    return { status: 200, body: { address: at.address, services: soap.shapes.map(({ name, operation, namespace }) => ({ name, operation, namespace, wsdl: `${at.address}?wsdl=${name}` })) } };
  }
  const shape = (asked === '' ? member(query, 'shape') : asked) ?? at.shape;
  const text = soap.wsdl(shape, at.address);
  if (text === undefined) throw new TraceError('NOT_FOUND', `wsdl=${shape}（${soap.shapes.map(({ name }) => name).join('、')}）`);
  return { status: 200, text, contentType: CONTENT_TYPE };
}

function wsdlRoute(operation: string, path: string, shape: string): Route {
  return defineRoute({
    operation,
    method: 'get',
    path,
    roles: ['his', 'it'],
    summary: 'SOAP 服务说明：?wsdl（hip）、?wsdl=asmx、?wsdl=call、?wsdl=service',
    request: { query: z.looseObject({}) },
    response: { description: 'WSDL', contentType: 'text/xml' },
    errors: ['NOT_FOUND'],
    tokenInQuery: (deps) => deps.soap?.tokenInQuery === true,
    handle: (context, { query, origin }) => Promise.resolve(show(context, query, { address: origin + path, shape })),
  });
}

export const soapHisWsdl = wsdlRoute('soap-his-wsdl', '/soap/his', 'hip');
export const soapHisAsmxWsdl = wsdlRoute('soap-his-asmx-wsdl', '/soap/his.asmx', 'asmx');
