import { createServerless } from 'soap';
import type { IServerOptions, Server } from 'soap';
import { composeEnvelope } from './envelope.ts';
import type { Argument } from './envelope.ts';
import { portName, wsdlOf } from './wsdl.ts';
import type { Shape, SoapVersion } from './shapes.ts';

/** What the operation was called with, by argument name, in the order given. */
export type Given = readonly (readonly [name: string, text: string])[];

/** Callers are few; a namespace of each is kept, not of everything that ever was sent. */
const MOST_SERVERS = 32;
const PATH = '/soap/his';
const CALL_HEADER = 'his-trace-call';

/**
 * The soap package's servers, one per shape, namespace and version, made when first called. soap parses the cleaned envelope, finds
 * the operation by the WSDL, and writes the answer's envelope; bytes, limits and faults are ours (packages.md 1.7 lists why).
 */
export class SoapServers {
  readonly #servers = new Map<string, Promise<Server>>();
  readonly #running = new Map<string, (given: Given) => Promise<string>>();
  #calls = 0;

  /**
   * @param operate what the operation does; its text is the one result
   * @returns the envelope of the answer, or undefined when soap could not read the call (`operate` has not run then)
   * @throws what `operate` throws
   */
  async call(call: { readonly version: SoapVersion; readonly shape: Shape; readonly given: readonly Argument[] }, operate: (given: Given) => Promise<string>): Promise<string | undefined> {
    const server = await this.#serverOf(call.shape, call.version);
    const id = String(++this.#calls);
    const state: { result?: { readonly text: string } | { readonly fault: unknown } } = {};
    this.#running.set(id, async (given) => {
      try {
        const text = await operate(given);
        state.result = { text };
        return text;
      } catch (fault) {
        state.result = { fault };
        return '';
      }
    });
    try {
      const reply = await server.processRequest(composeEnvelope(call), { url: PATH, headers: { [CALL_HEADER]: id } });
      if (state.result !== undefined && 'fault' in state.result) throw state.result.fault;
      return state.result === undefined ? undefined : reply.body;
    } catch (thrown) {
      // soap throws what its parser found; what the operation did must not be lost over that
      if (state.result === undefined) return undefined;
      throw thrown;
    } finally {
      this.#running.delete(id);
    }
  }

  #serverOf(shape: Shape, version: SoapVersion): Promise<Server> {
    const key = [shape.name, version, shape.result, String(shape.qualified), shape.namespace].join(' ');
    const known = this.#servers.get(key);
    if (known !== undefined) return known;
    const oldest = this.#servers.keys().next().value;
    if (this.#servers.size >= MOST_SERVERS && oldest !== undefined) this.#servers.delete(oldest);
    const made = openServer(shape, version, (id, given) => this.#running.get(id)?.(given) ?? Promise.resolve(''));
    made.catch(() => { this.#servers.delete(key); });
    this.#servers.set(key, made);
    return made;
  }
}

function openServer(shape: Shape, version: SoapVersion, operate: (id: string, given: Given) => Promise<string>): Promise<Server> {
  const method = async (args: unknown, _answer: unknown, _headers: unknown, request: { readonly headers: Readonly<Record<string, string>> }): Promise<Readonly<Record<string, string>>> =>
    ({ [shape.result]: await operate(request.headers[CALL_HEADER] ?? '', givenOf(args)) });
  const options: IServerOptions & { forceSoap12Headers: boolean } = {
    path: PATH, uri: '', xml: wsdlOf(shape, { location: PATH, version }), suppressStack: true, forceSoap12Headers: version === '1.2',
    services: { [shape.service]: { [portName(shape, version)]: { [shape.operation]: method } } },
  };
  return new Promise((resolve, reject) => {
    // the WSDL is read in the background; a call before that would find no operation
    createServerless({ ...options, callback: (error: unknown, server: Server) => { if (error === null || error === undefined) resolve(server); else reject(new Error('wsdl')); } }).catch(reject);
  });
}

/** Arguments as soap hands them over: text, null when empty, a list when repeated. */
function givenOf(args: unknown): Given {
  if (typeof args !== 'object' || args === null) return [];
  return Object.entries(args).map(([name, value]) => [name, textOf(value)] as const);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(textOf).join('') : '';
}
