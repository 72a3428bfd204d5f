import { createClientAsync, type Client, type IHttpClient } from 'soap';
import type { SoapVersion } from './envelope.ts';

/** Makes envelopes by a WSDL; sends nothing. */
export interface TypedCalls {
  /** @returns the envelope (prefix `soap`) and the action. @throws Error when the WSDL does not have the operation */
  envelope(operation: string, values: unknown): Promise<{ readonly xml: string; readonly action: string }>;
}

export interface TypedOptions {
  readonly file: string;
  readonly version: SoapVersion;
  readonly service: string | undefined;
  readonly port: string | undefined;
}

interface Caught { readonly xml: string; readonly action: string }

/**
 * The soap package as a writer of document/literal: its HTTP client is replaced by one that keeps what it is given, because all
 * traffic goes through connectors/shared/http.ts, and it answers every wish to fetch a file with a refusal.
 */
export function typedCalls(options: TypedOptions): TypedCalls {
  let caught: Caught | undefined;
  let loading: Promise<Client> | undefined;
  const keeper: IHttpClient = {
    request(_url: string, data: unknown, callback: (error: unknown) => void, headers?: Readonly<Record<string, unknown>>) {
      if (typeof data === 'string') caught = { xml: data, action: actionOf(headers ?? {}) };
      else callback(new Error('WSDL files are read from this machine only'));
      return Promise.resolve(undefined) as never;
    },
  };
  const client = (): Promise<Client> => {
    loading ??= createClientAsync(options.file, { disableCache: true, httpClient: keeper, forceSoap12Headers: options.version === '1.2' }, 'http://127.0.0.1/').catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return {
    async envelope(operation, values) {
      const call = callOf(await client(), operation, options);
      // from here to the reading of it nothing waits: no other call can come between
      caught = undefined;
      call(values, () => undefined);
      // a function, because the compiler takes the variable for the undefined just written
      const made = ((): Caught | undefined => caught)();
      if (made === undefined) throw new Error(`the soap package made no envelope for ${operation}`);
      return made;
    },
  };
}

type Call = (values: unknown, callback: () => void) => void;

function callOf(client: Client, operation: string, { service, port }: TypedOptions): Call {
  const services = client as unknown as Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Call | undefined>> | undefined>> | undefined>>;
  const found = service === undefined || port === undefined ? (client as unknown as Readonly<Record<string, Call | undefined>>)[operation] : services[service]?.[port]?.[operation];
  if (found === undefined) throw new Error(`WSDL 中没有操作 ${operation}`);
  return found;
}

function actionOf(headers: Readonly<Record<string, unknown>>): string {
  const soapAction = headers['SOAPAction'];
  if (typeof soapAction === 'string') return soapAction.replace(/^"|"$/g, '');
  const type = headers['Content-Type'];
  return (typeof type === 'string' ? /action="([^"]*)"/.exec(type)?.[1] : undefined) ?? '';
}
