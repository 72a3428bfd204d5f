import { expect } from 'chai';
import type { SendResult } from '../../../adapter/domain/outcome.ts';
import { overlay } from '../../../connectors/nhsa/load-profile.ts';
import { isFact } from '../../../connectors/nhsa/extra-values.ts';
import { prepare } from '../../../connectors/nhsa/prepare.ts';
import type { Prepared } from '../../../connectors/nhsa/prepare.ts';
import { profileNames, regionProfile } from '../../../connectors/nhsa/profile.ts';
import type { Profile } from '../../../connectors/nhsa/profile.ts';
import { regionalSpec } from '../../../connectors/nhsa/regional-spec.ts';
import { loadSpec } from '../../../connectors/nhsa/spec.ts';
import { planReports } from '../../../connectors/nhsa/plan.ts';
import { code, line, national, NOW, open, reported, reportOf, settingsWith } from './fixtures.ts';

function prepared(profile: Profile, kind: 'dispense' | 'receipt', now = NOW): Prepared | SendResult {
  const of = reported(kind, [line('1', { codes: [code(1)] })]);
  const [plan] = planReports(of, profile);
  if (plan === undefined) throw new Error('nothing planned');
  return prepare(reportOf(plan, of), 0, { spec: regionalSpec(loadSpec(), profile), profile, settings: settingsWith(), now });
}

function rowOf(profile: Profile, kind: 'dispense' | 'receipt' = 'dispense'): Readonly<Record<string, unknown>> {
  const result = prepared(profile, kind);
  if ('kind' in result) throw new Error(JSON.stringify(result));
  return result.row;
}

const withFields = (fields: Partial<Profile['fields']>): Profile => ({ ...national(), fields: { ...national().fields, ...fields } });

describe('nhsa regional rules', () => {
  it('lays a region over its base: members one by one, lists whole, null takes away, own answer texts first', () => {
    const base = { a: { x: 1, y: [1, 2] }, gone: 1, answers: ['base'], auth: { kind: 'x-tif', nonce: 'uuid' } };
    expect(overlay(base, { a: { y: [3] }, gone: null, answers: ['own'], auth: { kind: 'none' } })).to.deep.equal({ a: { x: 1, y: [3] }, answers: ['own', 'base'], auth: { kind: 'none' } });
  });

  for (const name of profileNames()) {
    it(`${name}: extra fields are filled from facts that exist, patterns are patterns`, () => {
      const profile = regionProfile(name);
      for (const fields of Object.values(profile.fields.extra)) for (const field of fields) expect(isFact(field.from), field.from).to.equal(true);
      expect(() => national({ profile: name, oauth: {} })).not.to.throw();
    });
  }

  it('adds the extra fields of Inner Mongolia behind those of the table', () => {
    expect(rowOf(national({ profile: 'inner-mongolia' }), 'receipt')).to.include({ min_pacunt: '粒', pac_cnt: '24', pacunt: '盒', rtal_pric: '12.5' });
    expect(rowOf(national(), 'receipt')).not.to.have.property('pacunt');
  });

  it('sends numbers as JSON numbers, all or those that the region names', () => {
    expect(rowOf(withFields({ numbersAs: 'number' }))['sel_retn_cnt']).to.equal(1);
    expect(rowOf(withFields({ jsonNumbers: ['3505.sel_retn_cnt'] }))).to.include({ sel_retn_cnt: 1, finl_trns_pric: '12.5' });
  });

  it('sends a single code as an object where the region wants that, several as a list', () => {
    expect(rowOf(withFields({ codesAs: 'one-object' }))['drugtracinfo']).to.deep.equal({ drug_trac_codg: code(1).code });
    expect(rowOf(national())['drugtracinfo']).to.deep.equal([{ drug_trac_codg: code(1).code }]);
  });

  it('obeys lengths and node names of the region', () => {
    expect(prepared(withFields({ lengths: { '3505.fixmedins_hilist_name': '3' } }), 'dispense')).to.include({ kind: 'rejected', reason: 'FIELD_TOO_LONG' });
    expect(regionalSpec(loadSpec(), { fields: national().fields, nodes: { '3505': 'sale' } }).transaction('3505').node).to.equal('sale');
  });

  it('keeps back what is older than the window of the region', () => {
    const profile: Profile = { ...national(), limits: { ...national().limits, uploadWithinDays: 3 } };
    expect(prepared(profile, 'dispense', NOW + 2 * 86_400_000)).not.to.have.property('kind');
    expect(prepared(profile, 'dispense', NOW + 4 * 86_400_000)).to.include({ kind: 'rejected', reason: 'RULE' });
    expect(national({ uploadWithinDays: 3 }).limits.uploadWithinDays).to.equal(3);
  });

  it('counts what a sealed row takes on the wire', () => {
    const plain = prepared(national(), 'dispense');
    const sealed = prepared({ ...national(), security: { sign: 'none', encrypt: 'sm4', sealPrefix: [] } }, 'dispense');
    if ('kind' in plain || 'kind' in sealed) throw new Error('not prepared');
    expect(sealed.chars).to.equal(Math.ceil(((Math.floor(Buffer.byteLength(JSON.stringify(sealed.row)) / 16) + 1) * 16) / 3) * 4);
    expect(sealed.chars).to.be.greaterThan(plain.chars);
  });

  for (const [title, settings, pattern] of [
    ['a region that signs, without the key', { profile: 'jilin', paasId: undefined, oauth: { clientId: 'sandbox-client16', clientSecret: 's', username: 'u', password: 'p' } }, /signKey/],
    ['a region with tokens, without the account', { profile: 'jilin', paasId: undefined }, /oauth\.clientId|signKey/],
    ['a region that seals, without the key', { profile: 'beijing', paasId: undefined }, /sm4Key/],
    ['a key that is none', { encrypt: 'sm4', sm4Key: 'short' }, /sm4Key/],
    ['a bus without an account', { profile: 'shanghai', paasId: undefined }, /paasId/],
    ['signing out where one sign-in a day is all there is', { profile: 'shanghai', signOutAtStop: true }, /signOutAtStop/],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(() => open('http://127.0.0.1:1', { settings })).to.throw(pattern);
    });
  }

  it('leaves the recipient system and the transport to the site where it says so', () => {
    expect(national({ profile: 'jilin', oauth: {} }).envelope['recer_sys_code']).to.equal('sys01');
    expect(national({ profile: 'jilin', oauth: {}, recerSysCode: 'LXXT', transport: 'soap' })).to.deep.include({ transport: 'soap' });
    expect(national({ profile: 'jilin', oauth: {}, recerSysCode: 'LXXT' }).envelope['recer_sys_code']).to.equal('LXXT');
  });
});
