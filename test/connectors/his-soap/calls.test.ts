import { expect } from 'chai';
import { parseStringPromise } from 'xml2js';
import type { Interpretation } from '../../../adapter/ports/his-record.ts';
import { encode, rdsText } from '../../support/hl7-text.ts';
import { A, dispense, dispenseXml, envelope, ENVELOPE_11, ENVELOPE_12, escape, hip, openBench } from './open-soap.ts';
import type { SoapBench } from './open-soap.ts';

const JSON_EVENT = JSON.stringify(dispense('E1'));

/** The text inside the result element. */
async function resultOf(xml: string, element: string): Promise<string> {
  const tree: unknown = await parseStringPromise(xml, { explicitArray: false, tagNameProcessors: [(name) => name.replace(/^.*:/, '')] });
  const found = dig(tree, element);
  if (typeof found !== 'string') throw new Error(`no ${element} in ${xml}`);
  return found;
}

function dig(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found: unknown = key === name ? inner : dig(inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function idsOf(bench: SoapBench): readonly (string | undefined)[] {
  return bench.intake.submissions.flatMap(({ interpretation }) => (interpretation.kind === 'events' ? interpretation.events.map((event) => event.id) : [interpretation.kind]));
}

function eventOf(interpretation: Interpretation | undefined): unknown {
  return interpretation?.kind === 'events' ? interpretation.events[0] : interpretation;
}

describe('his-soap: shapes', () => {
  it('answers HIPMessageServer in SOAP 1.2 with an MCCI document and AA', async () => {
    const bench = openBench();
    const reply = await bench.post(envelope(hip('TraceEvent', JSON_EVENT), ENVELOPE_12), 'application/soap+xml; charset=utf-8');
    expect([reply.status, reply.contentType]).to.deep.equal([200, 'application/soap+xml; charset=utf-8']);
    expect(reply.text).to.contain(ENVELOPE_12).and.contain('<HIPMessageServerResponse xmlns="urn:hl7-org:v3">');
    const answer = await resultOf(reply.text, 'HIPMessageServerResult');
    expect(answer).to.match(/^<\?xml version="1.0" encoding="UTF-8"\?><MCCI_IN000002UV01 ITSVersion="XML_1.0" xmlns="urn:hl7-org:v3">/);
    expect(answer).to.contain('<acknowledgement typeCode="AA">').and.contain('extension="E1"').and.contain('<text value="处理成功"/>').and.contain('<creationTime value="20261122120000"/>');
    expect(idsOf(bench)).to.deep.equal(['E1']);
  });

  it('answers the .asmx twin in SOAP 1.1 and in its own namespace', async () => {
    const bench = openBench();
    const reply = await bench.post(envelope(hip('TraceEvent', JSON_EVENT, 'http://tempuri.org/')));
    expect([reply.status, reply.contentType]).to.deep.equal([200, 'text/xml; charset=utf-8']);
    expect(reply.text).to.contain(ENVELOPE_11).and.contain('<HIPMessageServerResponse xmlns="http://tempuri.org/">');
    expect(await resultOf(reply.text, 'HIPMessageServerResult')).to.contain('typeCode="AA"');
  });

  it('answers Call(FuncCode, input) with Response/Body/ResultCode', async () => {
    const bench = openBench();
    const reply = await bench.post(envelope(`<Call xmlns="http://tempuri.org"><FuncCode>TraceEvent</FuncCode><input>${escape(JSON_EVENT)}</input></Call>`));
    const answer = await resultOf(reply.text, 'CallResult');
    expect(answer).to.contain('<Body><ResultCode>1</ResultCode><ResultContent>处理成功</ResultContent></Body>').and.contain('<MessageID>E1</MessageID>');
  });

  it('answers service(param, data) with JSON in an unqualified return', async () => {
    const bench = openBench();
    const reply = await bench.post(envelope(`<ns:service xmlns:ns="http://service.wmsps.jalone.com/"><param>TraceEvent</param><data>${escape(JSON_EVENT)}</data></ns:service>`));
    expect(reply.text).to.contain('xmlns:tns="http://service.wmsps.jalone.com/"').and.contain('<tns:serviceResponse><return>');
    const answer = JSON.parse(await resultOf(reply.text, 'return')) as Record<string, unknown>;
    expect(answer).to.include({ success: true, code: 'OK', messageId: 'E1', requestId: 'req-1' });
    expect(answer['results']).to.deep.equal([{ id: 'E1', status: 'accepted', assigned: [], findings: [] }]);
  });

  it('answers in the version of the envelope and the namespace of the caller, whatever the Content-Type says', async () => {
    const bench = openBench();
    const old = await bench.post(envelope(hip('TraceEvent', JSON_EVENT), ENVELOPE_11), 'text/plain');
    expect(old.text).to.contain(ENVELOPE_11).and.contain('xmlns="urn:hl7-org:v3"');
    const vendor = await bench.post(envelope(`<n:HIPMessageServer xmlns:n="http://www.dhcc.com.cn"><n:input1>TraceEvent</n:input1><n:input2>${escape(JSON_EVENT)}</n:input2></n:HIPMessageServer>`, ENVELOPE_12, 'x'));
    expect(vendor.text).to.contain(ENVELOPE_12).and.contain('<HIPMessageServerResponse xmlns="http://www.dhcc.com.cn">');
    expect(idsOf(bench)).to.deep.equal(['E1', 'E1']);
  });

  it('answers JAX-WS callers without names (arg0, arg1) in <return>', async () => {
    const bench = openBench();
    const reply = await bench.post(envelope(`<q:HIPMessageServer xmlns:q="urn:hl7-org:v3"><arg0>TraceEvent</arg0><arg1>${escape(JSON_EVENT)}</arg1></q:HIPMessageServer>`));
    expect(await resultOf(reply.text, 'return')).to.contain('typeCode="AA"');
  });

  it('passes over headers, comments, attributes and xsi:type', async () => {
    const bench = openBench();
    const body = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
      + '<s:Header><o:Security s:mustUnderstand="1" xmlns:o="urn:wsse"><Timestamp xmlns="urn:wsu"><Created>2026</Created></Timestamp></o:Security></s:Header>'
      + `<s:Body><!-- <b> --><HIPMessageServer xmlns="urn:hl7-org:v3" s:encodingStyle="x"><action xsi:type="xsd:string">TraceEvent</action><message xsi:type="xsd:string">${escape(JSON_EVENT)}</message></HIPMessageServer></s:Body></s:Envelope>`;
    const reply = await bench.post(body);
    expect(reply.text).to.contain('typeCode=&quot;AA&quot;').and.not.contain('mustUnderstand');
  });

  it('writes the answer into the element a site has named', async () => {
    const bench = openBench({ resultElement: 'payload' });
    expect(await resultOf((await bench.post(envelope(hip('ping', '')))).text, 'payload')).to.contain('服务正常');
    expect(bench.soap.wsdl('hip', 'http://h/soap/his')).to.contain('<xs:element name="payload"');
  });
});

describe('his-soap: payloads', () => {
  it('reads event JSON: an object, an array, events, and JSON inside a JSON string', async () => {
    for (const text of [JSON_EVENT, `[${JSON_EVENT}]`, JSON.stringify({ events: [dispense('E1')] }), JSON.stringify(JSON_EVENT), `\ufeff\n ${JSON_EVENT}\n`]) {
      const bench = openBench();
      await bench.post(envelope(hip('TraceEvent', text)));
      expect(idsOf(bench), text.slice(0, 20)).to.deep.equal(['E1']);
    }
  });

  it('reads event XML to the same event as event JSON', async () => {
    const bench = openBench();
    await bench.post(envelope(hip('TraceEvent', JSON_EVENT)));
    await bench.post(envelope(hip('TraceEvent', `<?xml version="1.0" encoding="GBK"?>${dispenseXml('E1')}`)));
    const [json, xml] = bench.intake.submissions;
    expect(eventOf(xml?.interpretation)).to.deep.equal(eventOf(json?.interpretation));
    expect([json?.record.media, xml?.record.media, xml?.record.controlId, xml?.record.source]).to.deep.equal(['json', 'xml', 'E1', 'his']);
  });

  it('reads event XML in a wrapper, with prefixes, attributes and any case of names', async () => {
    const text = `<Request><Header><SourceSystem>HIS</SourceSystem><MessageID>M-9</MessageID></Header><Body><t:traceevents xmlns:t="urn:x">
      <t:TRACEEVENT id="X1" source="his" institution="${A}" kind="dispense" occurredAt="2026-11-22T09:31:05+08:00" emergency="true">
        <t:Line lineNo="1" drug="D" quantity="2" unit="盒" split="0"><t:Code>89990010000000011234</t:Code><t:Code>89990010000000021234</t:Code></t:Line>
      </t:TRACEEVENT><t:TraceEvent id="X2"/></t:traceevents></Body></Request>`;
    const bench = openBench();
    await bench.post(envelope(hip('', text)));
    const interpretation = bench.intake.submissions[0]?.interpretation;
    // names of another case are another list to xml2js: order within one list is the order sent
    expect(idsOf(bench)).to.have.members(['X1', 'X2']);
    expect(eventOf(interpretation)).to.deep.include({ id: 'X1', emergency: true });
    expect(eventOf(interpretation)).to.have.nested.property('lines[0].codes').that.deep.equals(['89990010000000011234', '89990010000000021234']);
    expect(eventOf(interpretation)).to.have.nested.property('lines[0].split', false);
    expect(bench.intake.submissions[0]?.record.controlId).to.equal('M-9');
  });

  it('answers to the id of the message where its wrapper has one, and files the record under the event', async () => {
    for (const text of [`<Request><Header><MessageID>M-9</MessageID></Header><Body>${dispenseXml('E1')}</Body></Request>`, `<Request><Header><MessageID>M-9</MessageID></Header><Body><![CDATA[${JSON_EVENT}]]></Body></Request>`, `<POXX_IN000001UV01 xmlns="urn:hl7-org:v3"><id root="1" extension="M-9"/><controlActProcess>${dispenseXml('E1')}</controlActProcess></POXX_IN000001UV01>`]) {
      const bench = openBench();
      expect((await bench.post(envelope(hip('TraceEvent', text)))).text).to.contain('targetMessage&gt;&lt;id root=&quot;2.16.156.10011.2.5.1.1&quot; extension=&quot;M-9&quot;');
      expect(bench.intake.submissions[0]?.record).to.include({ controlId: 'E1', media: 'xml' });
    }
  });

  it('hands HL7 v2 text to the HL7 interpreter, escaped, as CDATA or with character references', async () => {
    const text = rdsText({ id: 'M1', facility: A });
    const cdata = `<HIPMessageServer xmlns="urn:hl7-org:v3"><action>HL7</action><message><![CDATA[${text}]]></message></HIPMessageServer>`;
    const references = hip('x', 'y').replace('<action>x</action>', '<action>TraceEvent</action>').replace('y', escape(text).replaceAll('\r', '&#13;'));
    for (const body of [hip('HL7', text), cdata, references]) {
      const bench = openBench();
      const reply = await bench.post(envelope(body));
      expect(reply.text).to.contain('typeCode=&quot;AA&quot;');
      expect(bench.intake.submissions[0]?.record).to.include({ media: 'hl7v2', controlId: 'M1', institution: A, interpreter: 'his-soap' });
      expect(eventOf(bench.intake.submissions[0]?.interpretation)).to.have.nested.property('lines[0].codes').that.deep.equals(['89990030000000000001']);
    }
  });

  it('takes a payload given as XML instead of text, as CDATA with a declaration, and escaped twice', async () => {
    const xml = dispenseXml('E1');
    const inline = `<HIPMessageServer xmlns="urn:hl7-org:v3"><action>TraceEvent</action><message>${xml}</message></HIPMessageServer>`;
    const cdata = `<HIPMessageServer xmlns="urn:hl7-org:v3"><action>TraceEvent</action><message><![CDATA[<?xml version="1.0"?>${xml}]]></message></HIPMessageServer>`;
    for (const body of [inline, cdata, hip('TraceEvent', escape(xml))]) {
      const bench = openBench();
      await bench.post(envelope(body));
      expect(eventOf(bench.intake.submissions[0]?.interpretation), body.slice(0, 120)).to.have.nested.property('patient.name', '张三丰');
    }
  });

  it('keeps the payload as it was sent as the bytes of the record', async () => {
    const text = '{"id":"E7",  "institution":"H89990000001","lines":[{"codes":["89990010000000011234"]}]}';
    const bench = openBench();
    await bench.post(envelope(hip('dispense', text)));
    const record = bench.intake.submissions[0]?.record;
    expect(Buffer.from(record?.bytes ?? []).toString('utf8')).to.equal(text);
    expect(record).to.include({ charset: 'utf-8', media: 'json', controlId: 'E7', source: 'his-soap', institution: A, interpreter: 'his-soap:dispense' });
    const again = record === undefined ? undefined : bench.soap.interpreters.get(record.interpreter)?.(record);
    expect(again).to.deep.equal(bench.intake.submissions[0]?.interpretation);
  });
});

describe('his-soap: actions', () => {
  it('takes the kind from the action where the event does not say it, in English and Chinese', async () => {
    for (const [action, kind] of [['dispense', 'dispense'], ['DISPENSE_RETURN', 'dispense-return'], ['采购入库', 'receipt'], ['S0101', 'destroy']] as const) {
      const bench = openBench({ actions: [{ name: 'S0101', as: 'destroy' }] });
      const { kind: _, ...event } = dispense('E1');
      await bench.post(envelope(hip(action, JSON.stringify(event))));
      expect(eventOf(bench.intake.submissions[0]?.interpretation), action).to.include({ kind });
    }
  });

  it('refuses an event of another kind than its action', async () => {
    const bench = openBench();
    const reply = await bench.post(envelope(hip('退药', JSON_EVENT)));
    expect(reply.text).to.contain('typeCode=&quot;AE&quot;').and.contain('kind=');
    expect(idsOf(bench)).to.deep.equal(['refused']);
  });

  it('keeps a call of an unknown action in quarantine and answers AE with the action named', async () => {
    const bench = openBench();
    const reply = await bench.post(envelope(hip('S0026', '<PRPA_IN201301UV02 xmlns="urn:hl7-org:v3"/>')));
    expect(reply.text).to.contain('typeCode=&quot;AE&quot;').and.contain('S0026').and.contain('REQUEST_INVALID');
    expect(idsOf(bench)).to.deep.equal(['refused']);
  });

  it('only keeps what a site has told to note, and stores nothing for a sign of life', async () => {
    const bench = openBench({ actions: [{ name: '*', as: 'note' }] });
    expect((await bench.post(envelope(hip('S0026', '<x/>')))).text).to.contain('typeCode=&quot;AA&quot;').and.contain('已留存');
    expect((await bench.post(envelope(hip('Heartbeat', '')))).text).to.contain('服务正常');
    expect(idsOf(bench)).to.deep.equal(['noted']);
  });
});

describe('his-soap: charset', () => {
  const body = (declared: string): string => envelope(hip('TraceEvent', dispenseXml('E1'))).replace('encoding="utf-8"', `encoding="${declared}"`);

  it('decodes GBK and GB18030 by Content-Type or XML declaration before anything is parsed', async () => {
    for (const [bytes, contentType] of [
      [encode(body('utf-8'), 'gbk'), 'text/xml; charset=GBK'], [encode(body('GB2312'), 'gbk'), 'text/xml'], [encode(body('gb18030'), 'gb18030'), 'text/xml; charset="gb18030"'],
      [encode(body('GBK'), 'gbk'), 'text/xml; charset=utf-8'], [Buffer.from(body('utf-16'), 'utf8'), 'text/xml'], [Buffer.from(body('GBK'), 'utf8'), 'text/xml; charset=GBK'],
      [Buffer.from(`\ufeff${body('utf-8')}`, 'utf8'), 'text/xml'], [Buffer.from(`\ufeff${body('utf-16')}`, 'utf16le'), 'text/xml; charset=utf-16'],
    ] as const) {
      const bench = openBench();
      const reply = await bench.post(bytes, contentType);
      expect(reply.status, contentType).to.equal(200);
      expect(eventOf(bench.intake.submissions[0]?.interpretation), contentType).to.have.nested.property('patient.name', '张三丰');
      expect(reply.text).to.contain('处理成功');
    }
  });

  it('answers in the charset of the request where the site wants it', async () => {
    const bench = openBench({ charset: 'request' });
    const reply = await bench.post(encode(body('GBK'), 'gbk'), 'text/xml; charset=gbk');
    expect(reply.contentType).to.equal('text/xml; charset=GBK');
    expect(reply.text).to.match(/^<\?xml version="1.0" encoding="GBK"\?>/).and.contain('处理成功');
    expect(Buffer.from(reply.bytes).includes(encode('处理成功', 'gbk'))).to.equal(true);
  });

  it('refuses a cut hanzi instead of replacing it, and keeps the bytes', async () => {
    const bench = openBench();
    const bytes = Buffer.from(body('utf-8'), 'utf8');
    const at = bytes.indexOf(Buffer.from('张三丰', 'utf8'));
    const reply = await bench.post(Buffer.concat([bytes.subarray(0, at + 2), bytes.subarray(at + 3)]));
    expect(reply.text).to.contain('<faultcode>soap:Client</faultcode>').and.contain('CHARSET_UNREADABLE');
    expect(bench.intake.submissions[0]?.interpretation).to.have.nested.property('refusal.code', 'CHARSET_UNREADABLE');
  });
});
