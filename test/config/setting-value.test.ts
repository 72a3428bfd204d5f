import { expect } from 'chai';
import { formatDuration, parseDuration } from '../../adapter/config/setting-value.ts';
import { nearestName } from '../../adapter/config/nearest-name.ts';
import { configOf, problemsOf, SITE } from './parts.ts';

const source = (members: string): string => `${SITE}\nsources: { a: { connector: his-hl7v2, ${members} } }`;
const settingOf = (members: string, key: string): unknown => configOf(source(members)).sources[0]?.settings[key];

describe('configuration: values', () => {
  it('reads durations with their unit and refuses bare numbers', () => {
    expect(['500ms', '10s', '5m', '2h', '1d', '1.5s', '0'].map(parseDuration)).to.deep.equal([500, 10_000, 300_000, 7_200_000, 86_400_000, 1_500, 0]);
    expect(['10', 's', '-1s', '10 weeks', ''].map(parseDuration)).to.deep.equal([undefined, undefined, undefined, undefined, undefined]);
    expect([10_000, 90_000, 86_400_000, 1_234, 0].map(formatDuration)).to.deep.equal(['10s', '90s', '1d', '1234ms', '0ms']);
    expect(problemsOf(source('idle: 10'))[0]?.remedy).to.contain('10s');
  });

  it('reads the usual words for true and false', () => {
    for (const word of ['true', 'yes', 'on', 'TRUE', '是']) expect(settingOf(`ack: { echoControlId: ${word} }`, 'ack')).to.have.property('echoControlId', true);
    expect(problemsOf(source('ack: { echoControlId: maybe }'))[0]?.path).to.equal('sources.a.ack.echoControlId');
  });

  it('keeps integers and durations within their range', () => {
    for (const value of ['-1', '65536', '1.5', '1e3', '0x10', '1234567890123456']) expect(problemsOf(source(`port: ${value}`)), value).to.have.length(1);
    expect(problemsOf(source('idle: 10ms'))[0]?.reason).to.contain('1s');
  });

  it('takes choices in any case and names the choices otherwise', () => {
    expect(settingOf('charset: GB18030', 'charset')).to.equal('gb18030');
    expect(problemsOf(source('charset: gbk'))[0]?.remedy).to.contain('auto、utf-8、gb18030');
  });

  it('takes one value or one section for a list of one', () => {
    expect(settingOf('peers: { address: 10.0.0.5 }', 'peers')).to.deep.equal([{ address: '10.0.0.5' }]);
  });

  it('counts a blank value as left out', () => {
    for (const blank of ['', '~', 'null']) expect(settingOf(`port: ${blank}`, 'port'), blank).to.equal(2575);
  });

  it('says where a list, a section or a value stands in the wrong place', () => {
    expect(problemsOf(source('port: { a: 1 }'))[0]?.path).to.equal('sources.a.port');
    expect(problemsOf(source('ack: yes'))[0]?.path).to.equal('sources.a.ack');
    expect(problemsOf(`${SITE}\nsources: { a: his-hl7v2 }`).map(({ path }) => path)).to.include('sources.a');
    expect(problemsOf(source('peers: [{ adress: x }]')).map(({ path }) => path)).to.have.members(['sources.a.peers[0].adress', 'sources.a.peers[0].address']);
  });

  it('suggests only names that are near', () => {
    expect(nearestName('prot', ['host', 'port'])).to.equal('port');
    expect(nearestName('base_url', ['baseUrl', 'token'])).to.equal('baseUrl');
    expect(nearestName('xyz', ['baseUrl', 'token'])).to.equal(undefined);
  });
});
