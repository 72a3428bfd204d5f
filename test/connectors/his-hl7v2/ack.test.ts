import { expect } from 'chai';
import { refusal } from '../../../adapter/domain/refusal.ts';
import type { IntakeAnswer } from '../../../adapter/ports/intake.ts';
import { composeAck } from '../../../connectors/his-hl7v2/ack/compose.ts';
import { repliesTo } from '../../../connectors/his-hl7v2/ack/reply.ts';
import type { DecidedCharset } from '../../../connectors/his-hl7v2/codec/charset.ts';
import { NO_HEADER, readHeader } from '../../../connectors/his-hl7v2/codec/header.ts';
import type { Hl7Header } from '../../../connectors/his-hl7v2/codec/header.ts';
import type { AckMode, AckSettings } from '../../../connectors/his-hl7v2/settings.ts';
import { HL7_DEFAULTS } from '../../support/hl7-source.ts';

const headerOf = (accept = '', application = '', version = '2.5.1', charset = ''): Hl7Header => {
  const header = readHeader(`MSH|^~\\&|药房|H1|TRACE|C1|20261122||RDS^O13^RDS_O13|ID7|T|${version}|||${accept}|${application}||${charset}`);
  if (header === undefined) throw new Error('no header');
  return header;
};
const answers = {
  taken: { kind: 'taken', events: [{ id: '1', status: 'accepted', assigned: [], findings: [] }] },
  duplicate: { kind: 'taken', events: [{ id: '1', status: 'duplicate', assigned: [], findings: [] }] },
  noted: { kind: 'noted', reason: 'x' },
  conflict: { kind: 'taken', events: [{ id: '1', status: 'rejected', assigned: [], findings: [], refusal: refusal('EVENT_CONFLICT') }] },
  unmappable: { kind: 'quarantined', refusal: refusal('HL7_FIELD_INVALID', { field: 'RXD-4', value: 'x' }) },
  unsupported: { kind: 'quarantined', refusal: refusal('HL7_TYPE_UNSUPPORTED', { field: 'MSH-9' }) },
  unavailable: { kind: 'unavailable', refusal: refusal('STORE_FULL'), retryAfterMs: 1 },
} as const satisfies Record<string, IntakeAnswer>;
const codes = (answer: IntakeAnswer, mode: AckMode, header = headerOf(), ack: AckSettings = HL7_DEFAULTS.ack): string => repliesTo(answer, header, { mode, ack }).map((reply) => reply.code).join(' ');

describe('HL7 acknowledgement: which codes', () => {
  it('answers once in original mode and ignores MSH-15 and MSH-16', () => {
    for (const header of [headerOf(), headerOf('AL', 'NE'), headerOf('NE', 'NE')]) {
      expect(Object.values(answers).map((answer) => codes(answer, 'original', header))).to.deep.equal(['AA', 'AA', 'AA', 'AE', 'AE', 'AR', 'AE']);
    }
  });
  it('is the same in enhanced mode when the message asks for nothing (NE and AL, as the standard has it)', () => {
    expect(Object.values(answers).map((answer) => codes(answer, 'enhanced'))).to.deep.equal(['AA', 'AA', 'AA', 'AE', 'AE', 'AR', 'AE']);
  });
  it('sends the accept acknowledgement first and the application acknowledgement after it', () => {
    expect(Object.values(answers).map((answer) => codes(answer, 'enhanced', headerOf('AL', 'AL')))).to.deep.equal(['CA AA', 'CA AA', 'CA AA', 'CA AE', 'CA AE', 'CR', 'CE']);
  });
  it('obeys NE, ER and SU', () => {
    const all = (accept: string, application: string): string[] => [answers.taken, answers.unmappable, answers.unsupported, answers.unavailable].map((answer) => codes(answer, 'enhanced', headerOf(accept, application)));
    expect(all('AL', 'NE')).to.deep.equal(['CA', 'CA', 'CR', 'CE']);
    expect(all('ER', 'NE')).to.deep.equal(['', '', 'CR', 'CE']);
    expect(all('SU', 'NE')).to.deep.equal(['CA', 'CA', '', '']);
    expect(all('NE', 'ER')).to.deep.equal(['', 'AE', 'AR', 'AE']);
    expect(all('NE', 'SU')).to.deep.equal(['AA', '', '', '']);
    expect(all('NE', 'NE')).to.deep.equal(['', '', '', '']);
    expect(all('AL', 'ER')).to.deep.equal(['CA', 'CA AE', 'CR', 'CE']);
  });
  it('is enhanced in auto mode only for messages that ask', () => {
    expect(codes(answers.taken, 'auto')).to.equal('AA');
    expect(codes(answers.taken, 'auto', headerOf('AL', 'NE'))).to.equal('CA');
  });
  it('uses the codes and defaults of the site', () => {
    const ack = { ...HL7_DEFAULTS.ack, acceptWhen: 'AL' as const, applicationWhen: 'NE' as const, codes: { ...HL7_DEFAULTS.ack.codes, commitAccept: 'XX', error: 'AR' } };
    expect(codes(answers.taken, 'enhanced', headerOf(), ack)).to.equal('XX');
    expect(codes(answers.unmappable, 'original', headerOf(), ack)).to.equal('AR');
  });
});

describe('HL7 acknowledgement: text', () => {
  const compose = (reply: Parameters<typeof composeAck>[0], header: Hl7Header, charset: DecidedCharset = 'utf-8', controlId = 'HT1'): string =>
    new TextDecoder(charset === 'unknown' ? 'utf-8' : charset).decode(composeAck(reply, { header, charset, controlId, nowMs: Date.parse('2026-11-22T10:00:00+08:00') }));
  const bad = { code: 'AE', refusal: refusal('HL7_FIELD_INVALID', { field: 'RXD[2]-4.1', value: 'a|b^c\rMSH|x', detail: '数量须为数字' }) };

  it('exchanges sender and receiver and echoes what has to be echoed', () => {
    expect(compose({ code: 'AA' }, headerOf('', '', '2.5.1', 'UNICODE UTF-8'))).to.equal('MSH|^~\\&|TRACE|C1|药房|H1|20261122100000||ACK^O13^ACK|HT1|T|2.5.1||||||UNICODE UTF-8\rMSA|AA|ID7\r');
  });
  it('repeats MSH-10 for peers that match by it', () => {
    expect(compose({ code: 'AA' }, headerOf(), 'utf-8', '')).to.contain('|ACK^O13^ACK|ID7|T|');
  });
  it('puts code, Chinese text, field, value and remedy in MSA-3, and nothing can break out of it', () => {
    const segments = compose(bad, headerOf()).split('\r');
    expect(segments.map((segment) => segment.slice(0, 3))).to.deep.equal(['MSH', 'MSA', 'ERR', '']);
    expect(segments[1]).to.match(/^MSA\|AE\|ID7\|HL7_FIELD_INVALID HL7 字段内容无效（RXD\[2\]-4\.1=a\\F\\b\\S\\c\\X0D\\MSH\\F\\x）：数量须为数字；改正提示的字段后重新发送$/);
  });
  it('writes the full ERR from 2.5 on, with the place', () => {
    expect(compose(bad, headerOf()).split('\r')[2]).to.match(/^ERR\|\|RXD\^2\^4\^1\^1\|102\^Data type error\^HL70357\|E\|HL7_FIELD_INVALID\^HL7 字段内容无效[^|]*\^HIS-TRACE\|\|\|/);
  });
  it('writes the short ERR up to 2.4', () => {
    for (const version of ['2.3.1', '2.4', '']) expect(compose(bad, headerOf('', '', version)).split('\r')[2]).to.match(/^ERR\|RXD\^2\^4\^HL7_FIELD_INVALID&HL7 字段内容无效[^|]*&HIS-TRACE$/);
  });
  it('answers a peer of Latin letters in English', () => {
    const text = compose(bad, headerOf('', '', '2.5', '8859/1'), 'iso-8859-1').split('\r').slice(1).join();
    expect(text).to.contain('an HL7 field has an invalid value').and.to.not.contain('?');
  });
  it('answers in the delimiters of the message', () => {
    const header = readHeader('MSH$%*!@$A$B$C$D$1$$RDS%O13$7$P$2.5');
    if (header === undefined) throw new Error('no header');
    expect(compose(bad, header).split('\r').slice(0, 2).join('\r')).to.match(/^MSH\$%\*!@\$C\$D\$A\$B\$\d{14}\$\$ACK%O13%ACK\$HT1\$P\$2\.5\rMSA\$AE\$7\$HL7_FIELD_INVALID /);
  });
  it('answers something that is no HL7 at all', () => {
    expect(compose({ code: 'AR', refusal: refusal('RECORD_UNREADABLE') }, NO_HEADER, 'unknown')).to.match(/^MSH\|\^~\\&\|\|\|\|\|20261122100000\|\|ACK\|HT1\|P\|2\.4\rMSA\|AR\|\|RECORD_UNREADABLE /);
  });
});
