import type { Shape, SoapVersion } from './shapes.ts';
import { escapeXml } from './xml-text.ts';

const BINDINGS: Readonly<Record<SoapVersion, { readonly prefix: string; readonly uri: string }>> = {
  '1.1': { prefix: 'soap', uri: 'http://schemas.xmlsoap.org/wsdl/soap/' },
  '1.2': { prefix: 'soap12', uri: 'http://schemas.xmlsoap.org/wsdl/soap12/' },
};

/**
 * The WSDL of one shape: document/literal wrapped, two strings in, one string out.
 * @param options.version only the port of this version; every port of the shape unless told
 * @param options.location address the ports answer at
 */
export function wsdlOf(shape: Shape, options: { readonly location: string; readonly version?: SoapVersion }): string {
  const ports = options.version === undefined ? shape.ports : [{ name: portName(shape, options.version), version: options.version }];
  const namespace = escapeXml(shape.namespace);
  return `<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="${BINDINGS['1.1'].uri}" xmlns:soap12="${BINDINGS['1.2'].uri}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="${namespace}" targetNamespace="${namespace}" name="${shape.service}">
  <wsdl:types>
    <xs:schema targetNamespace="${namespace}" elementFormDefault="${shape.qualified ? 'qualified' : 'unqualified'}">
      ${elementOf(shape.operation, [shape.selector, shape.payload])}
      ${elementOf(`${shape.operation}Response`, [shape.result])}
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="${shape.operation}SoapIn"><wsdl:part name="parameters" element="tns:${shape.operation}"/></wsdl:message>
  <wsdl:message name="${shape.operation}SoapOut"><wsdl:part name="parameters" element="tns:${shape.operation}Response"/></wsdl:message>
  <wsdl:portType name="${shape.service}PortType">
    <wsdl:operation name="${shape.operation}"><wsdl:input message="tns:${shape.operation}SoapIn"/><wsdl:output message="tns:${shape.operation}SoapOut"/></wsdl:operation>
  </wsdl:portType>
${ports.map((port) => bindingOf(shape, port)).join('\n')}
  <wsdl:service name="${shape.service}">
${ports.map((port) => `    <wsdl:port name="${port.name}" binding="tns:${port.name}Binding"><${BINDINGS[port.version].prefix}:address location="${escapeXml(options.location)}"/></wsdl:port>`).join('\n')}
  </wsdl:service>
</wsdl:definitions>
`;
}

/** @returns the port a shape answers at in this version, also where its WSDL offers the other one only */
export function portName(shape: Shape, version: SoapVersion): string {
  return shape.ports.find((port) => port.version === version)?.name ?? `${shape.service}Soap${version === '1.1' ? '11' : '12'}`;
}

function elementOf(name: string, members: readonly string[]): string {
  const elements = members.map((member) => `<xs:element name="${member}" type="xs:string" minOccurs="0"/>`).join('');
  return `<xs:element name="${name}"><xs:complexType><xs:sequence>${elements}</xs:sequence></xs:complexType></xs:element>`;
}

function bindingOf(shape: Shape, port: Shape['ports'][number]): string {
  const { prefix } = BINDINGS[port.version];
  return `  <wsdl:binding name="${port.name}Binding" type="tns:${shape.service}PortType">
    <${prefix}:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
    <wsdl:operation name="${shape.operation}">
      <${prefix}:operation soapAction="${escapeXml(shape.soapAction)}" style="document"/>
      <wsdl:input><${prefix}:body use="literal"/></wsdl:input>
      <wsdl:output><${prefix}:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>`;
}
