import { expect } from 'chai';
import { signParameters, type SignMethod } from '../../../connectors/mah-alihealth/sign.ts';

const COMMON = { app_key: '12345678', format: 'json', ref_ent_id: 'E0001', simplify: 'true', timestamp: '2026-01-02 03:04:05', v: '2.0' };
const CODES = { ...COMMON, codes: '81012350000000157474,81012350000000157475', method: 'alibaba.alihealth.drugtrace.top.yljg.query.codedetail' };
const CHINESE = { ...COMMON, method: 'alibaba.alihealth.drug.yljg.getentinfolist', query_param: '{"ent_name":"测试医院"}' };

/** published test vectors (mah.md 2.3); the codes in them are documented examples */
const VECTORS: readonly (readonly [string, Readonly<Record<string, string>>, SignMethod, string])[] = [
  ['md5', CODES, 'md5', '7DBE6715C4F0BB30F679DB5D7C670A91'],
  ['hmac', CODES, 'hmac', '7B6AE098A7D533925086983824FF12FF'],
  ['hmac-sha256', CODES, 'hmac-sha256', 'FE285D0E0F85CA0A8B5B277322ED15E415B01AE3B06AD5EE793EAE98AE6014E4'],
  ['hmac-sha256 with Chinese', CHINESE, 'hmac-sha256', '363A0522CCB0752C14DF7DF01D53E8729420F0B98A5E014B577118C9637EA501'],
];

describe('mah-alihealth signature', () => {
  for (const [name, parameters, method, sign] of VECTORS) {
    it(`signs the vector ${name} as published`, () => {
      expect(signParameters({ ...parameters, sign_method: method }, 'helloworld', method)).to.equal(sign);
    });
  }

  it('leaves the parameter sign out of what is signed', () => {
    const parameters = { ...CODES, sign_method: 'md5' };
    expect(signParameters({ ...parameters, sign: 'anything' }, 'helloworld', 'md5')).to.equal(signParameters(parameters, 'helloworld', 'md5'));
  });

  it('sorts names by byte, capitals before small letters and underscores', () => {
    // Ab < a_b < ab by byte
    expect(signParameters({ ab: '3', a_b: '2', Ab: '1' }, 's', 'hmac')).to.equal(signParameters({ Ab: '1', a_b: '2', ab: '3' }, 's', 'hmac'));
    expect(signParameters({ Ab: '1', a_b: '2', ab: '3' }, 's', 'hmac')).to.not.equal(signParameters({ Ab: '1', ab: '2', a_b: '3' }, 's', 'hmac'));
  });

  it('signs an empty value exactly as it is sent', () => {
    expect(signParameters({ a: '', b: '1' }, 's', 'md5')).to.not.equal(signParameters({ b: '1' }, 's', 'md5'));
  });
});
