/** SOAP versions by what they are called in WSDL and envelopes. */
export type SoapVersion = '1.1' | '1.2';
export type ShapeName = 'hip' | 'asmx' | 'call' | 'service';

/**
 * One of the "string in, string out" services Chinese HIS programs are written against (his.md section c). All of them answer at the
 * same address: the operation and its namespace tell them apart.
 */
export interface Shape {
  readonly name: ShapeName;
  readonly namespace: string;
  readonly service: string;
  readonly ports: readonly { readonly name: string; readonly version: SoapVersion }[];
  readonly operation: string;
  readonly soapAction: string;
  /** names of the action argument and of the payload argument */
  readonly selector: string;
  readonly payload: string;
  readonly result: string;
  /** whether the arguments carry the namespace */
  readonly qualified: boolean;
}

export const SHAPES: readonly Shape[] = [
  {
    name: 'hip', namespace: 'urn:hl7-org:v3', service: 'HIPService', ports: [{ name: 'HIPServiceSoap12', version: '1.2' }],
    operation: 'HIPMessageServer', soapAction: 'urn:hl7-org:v3:HIPMessageServer', selector: 'action', payload: 'message', result: 'HIPMessageServerResult', qualified: true,
  },
  {
    name: 'asmx', namespace: 'http://tempuri.org/', service: 'WebService', ports: [{ name: 'WebServiceSoap', version: '1.1' }, { name: 'WebServiceSoap12', version: '1.2' }],
    operation: 'HIPMessageServer', soapAction: 'http://tempuri.org/HIPMessageServer', selector: 'action', payload: 'message', result: 'HIPMessageServerResult', qualified: true,
  },
  {
    name: 'call', namespace: 'http://tempuri.org', service: 'WSInterface', ports: [{ name: 'WSInterfaceSoap', version: '1.1' }],
    operation: 'Call', soapAction: 'http://tempuri.org/BSP.MSG.SRV.WSInterface.Call', selector: 'FuncCode', payload: 'input', result: 'CallResult', qualified: true,
  },
  {
    name: 'service', namespace: 'http://service.wmsps.jalone.com/', service: 'TraceService', ports: [{ name: 'TraceServicePort', version: '1.1' }],
    operation: 'service', soapAction: '', selector: 'param', payload: 'data', result: 'return', qualified: false,
  },
];

const JAX_WS_ARGUMENT = /^arg\d$/;

/**
 * @returns the shape a call has, with the caller's own namespace and habits in it, so that the answer is the one its generated code
 *   expects; undefined for an operation nobody here offers
 */
export function shapeOfCall(call: { readonly operation: string; readonly namespace: string; readonly names: readonly string[] }, resultElement: string): Shape | undefined {
  const offered = SHAPES.filter((shape) => shape.operation === call.operation);
  const found = offered.find((shape) => sameNamespace(shape.namespace, call.namespace)) ?? offered[0];
  if (found === undefined) return undefined;
  const own = { ...found, result: found.operation === 'HIPMessageServer' ? resultElement : found.result, namespace: call.namespace === '' ? found.namespace : call.namespace };
  // JAX-WS without names: arguments arg0, arg1 and the answer in an unqualified <return>
  return call.names.some((name) => JAX_WS_ARGUMENT.test(name)) ? { ...own, result: 'return', qualified: false } : own;
}

function sameNamespace(one: string, other: string): boolean {
  return one.replace(/\/$/, '').toLowerCase() === other.replace(/\/$/, '').toLowerCase();
}
