import { expect } from 'chai';
import fc from 'fast-check';
import { DEFAULT_LIMITS, interpretJson, INTERPRETER, readEvents } from '../../../connectors/his-rest/index.ts';
import type { HisRecord } from '../../../adapter/ports/his-record.ts';

const JSON_TYPE = 'application/json';
const LINES_TYPE = 'application/x-ndjson; charset=utf-8';

function read(text: string, type = JSON_TYPE, limits = DEFAULT_LIMITS): ReturnType<typeof readEvents> {
  return readEvents(Buffer.from(text, 'utf8'), type, limits);
}

function textsOf(body: ReturnType<typeof readEvents>): readonly string[] {
  return body.kind === 'items' ? body.items.map((item) => item.text) : [`refused ${body.refusal.code}`];
}

function record(text: string, charset = 'utf-8'): HisRecord {
  return { institution: 'H1', source: 'his', controlId: '', media: 'json', charset, bytes: Buffer.from(text, 'utf8'), interpreter: INTERPRETER };
}

describe('his-rest: reading a body', () => {
  it('cuts an array into the texts of its members, digit for digit', () => {
    const sent = '\uFEFF [ {"a":"]},{\\"","n":89990010000000011234} ,\n[1,[2]],"x,y",null, 5 ] ';
    expect(textsOf(read(sent))).to.deep.equal(['{"a":"]},{\\"","n":89990010000000011234}', '[1,[2]]', '"x,y"', 'null', '5']);
  });

  it('keeps every member of any array exactly as JSON means it', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), fc.constantFrom(undefined, 1, '\t'), (members, indent) => {
      const body = read(JSON.stringify(members, undefined, indent));
      if (body.kind !== 'items') throw new Error(body.refusal.code);
      expect(body.items.map((item) => JSON.stringify(JSON.parse(item.text)))).to.deep.equal(members.map((member) => JSON.stringify(member)));
      expect(body.items.map((item) => JSON.stringify(item.value))).to.deep.equal(members.map((member) => JSON.stringify(member)));
    }), { numRuns: 500 });
  });

  it('never throws, whatever bytes come', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(JSON_TYPE, LINES_TYPE, '', 'text/plain; charset=gbk', 'x; charset=klingon'), (bytes, type) => {
      expect(readEvents(bytes, type).kind).to.be.oneOf(['items', 'refused']);
    }), { numRuns: 2_000 });
  });

  it('takes the bound of events and of bytes, and refuses one more', () => {
    const limits = { maxEvents: 2, maxBytes: 10 };
    expect(textsOf(read('[{},{}]', JSON_TYPE, limits))).to.deep.equal(['{}', '{}']);
    expect(textsOf(read('[{},{},{}]', JSON_TYPE, limits))).to.deep.equal(['refused RECORD_TOO_LARGE']);
    expect(textsOf(read('{}\n{}\n\n', LINES_TYPE, limits))).to.deep.equal(['{}', '{}']);
    expect(textsOf(read('{}\n{}\n{}', LINES_TYPE, limits))).to.deep.equal(['refused RECORD_TOO_LARGE']);
    expect(textsOf(read('[         ]', JSON_TYPE, limits))).to.deep.equal(['refused RECORD_TOO_LARGE']);
  });

  it('refuses the whole body for one broken line, naming the line and nothing of its content', () => {
    const body = read('{"id":"1"}\n\n{"name":"张三', LINES_TYPE);
    expect(body.kind === 'refused' ? body.refusal.code : '').to.equal('BODY_NOT_JSON');
    expect(JSON.stringify(body)).to.contain('第 3 行').and.not.contain('张三');
  });

  it('refuses an empty body and what is no object', () => {
    for (const text of ['', ' \r\n', '"x"', '5', 'null', 'true', '{', '<xml/>', 'id=1']) expect(textsOf(read(text)), text).to.deep.equal(['refused BODY_NOT_JSON']);
    expect(textsOf(read('\n\n', LINES_TYPE))).to.deep.equal(['refused BODY_NOT_JSON']);
  });

  it('reads GBK and GB18030 where they are declared, and never replaces a wrong byte', () => {
    const gbk = Buffer.from([0x7b, 0x22, 0x75, 0x22, 0x3a, 0x22, 0xba, 0xd0, 0x22, 0x7d]);
    for (const charset of ['gbk', 'GB18030', '"gb2312"']) {
      const body = readEvents(gbk, `application/json;charset=${charset}`);
      expect(body.kind === 'items' ? body.items[0]?.value : body.refusal, charset).to.deep.equal({ u: '盒' });
    }
    const undeclared = readEvents(gbk, JSON_TYPE);
    expect(undeclared.kind === 'refused' ? undeclared.refusal.detail : '').to.contain('charset=gbk');
  });
});

describe('his-rest: reading a stored record', () => {
  it('gives the event back as it was sent', () => {
    expect(interpretJson(record('{"id":"1","lines":[]}'))).to.deep.equal({ kind: 'events', events: [{ id: '1', lines: [] }] });
  });

  it('refuses what is no event instead of throwing', () => {
    for (const [text, code] of [['{', 'RECORD_UNREADABLE'], ['[]', 'EVENT_INVALID'], ['5', 'EVENT_INVALID']] as const) {
      const read = interpretJson(record(text));
      expect(read.kind === 'refused' ? read.refusal.code : read.kind, text).to.equal(code);
    }
    const unreadable = interpretJson({ ...record(''), bytes: Buffer.from([0xff, 0xfe]) });
    expect(unreadable.kind === 'refused' ? unreadable.refusal.code : unreadable.kind).to.equal('RECORD_UNREADABLE');
  });
});
