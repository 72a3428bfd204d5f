import { expect } from 'chai';
import { faultText } from '../../adapter/domain/fault-text.ts';
import { FINDING_CODES } from '../../adapter/domain/finding.ts';
import { findingText } from '../../adapter/domain/finding-text.ts';
import { FAULT_REASONS } from '../../adapter/domain/outcome.ts';

const HAN = /\p{Script=Han}/u;

describe('texts for people', () => {
  const all = [
    ...FINDING_CODES.map((code) => ({ name: code, zh: findingText(code), en: findingText(code, 'en') })),
    ...FAULT_REASONS.map((reason) => ({ name: reason, zh: faultText(reason), en: faultText(reason, 'en') })),
  ];

  it('says of every finding and every fault what it means and what to do, in Chinese and in English', () => {
    for (const { name, zh, en } of all) {
      for (const text of [zh.message, zh.action]) expect(text, name).to.match(HAN);
      for (const text of [en.message, en.action]) {
        expect(text, name).to.match(/[a-z]{3}/);
        expect(text, name).not.to.match(HAN);
      }
    }
  });

  it('says something else for each', () => {
    expect(new Set(FINDING_CODES.map((code) => findingText(code).message)).size).to.equal(FINDING_CODES.length);
    expect(new Set(FAULT_REASONS.map((reason) => faultText(reason).message)).size).to.equal(FAULT_REASONS.length);
  });
});
