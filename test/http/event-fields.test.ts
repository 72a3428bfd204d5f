import { expect } from 'chai';
import { EVENT_KINDS } from '../../adapter/domain/event.ts';
import { EVENT_FIELD_TEXTS } from '../../adapter/http/event-field-texts.ts';
import { eventFields } from '../../adapter/http/event-fields.ts';
import { eventFieldsMarkdown, eventKindsMarkdown } from '../../adapter/http/event-fields-markdown.ts';

describe('members of an event', () => {
  const fields = eventFields();
  const needs = (path: string): Readonly<Record<string, string>> => fields.find((field) => field.path === path)?.needs ?? {};

  it('are told in words, every one the schema has and no other', () => {
    expect(fields.map(({ path }) => path).sort()).to.deep.equal(Object.keys(EVENT_FIELD_TEXTS).sort());
    expect(fields.length).to.be.greaterThan(45);
  });

  it('are required for the kinds the intake insists on', () => {
    expect(needs('id')).to.deep.equal(Object.fromEntries(EVENT_KINDS.map((kind) => [kind, 'required'])));
    expect(EVENT_KINDS.filter((kind) => needs('refers')[kind] === 'required')).to.deep.equal(['void']);
    expect(EVENT_KINDS.filter((kind) => needs('patient.settlementId')[kind] === 'required')).to.deep.equal(['settlement']);
    expect(EVENT_KINDS.filter((kind) => needs('counterparty.code')[kind] === 'required')).to.deep.equal(['transfer-out', 'transfer-in']);
    expect(EVENT_KINDS.filter((kind) => needs('lines[].codes')[kind] === 'required')).to.deep.equal(['split-open']);
    expect(EVENT_KINDS.filter((kind) => needs('lines')[kind] === 'refused')).to.deep.equal(['void', 'settlement']);
  });

  it('have a meaning in every kind that requires them', () => {
    for (const field of fields) for (const kind of EVENT_KINDS) if (field.needs[kind] === 'required') expect(EVENT_FIELD_TEXTS[field.path]?.kinds, `${field.path} ${kind}`).to.include(kind);
  });

  it('make two tables, in both languages', () => {
    expect(eventFieldsMarkdown('zh')).to.contain('| `lines[].quantity` | 文字 ≤ 40 字 | 所有带明细的业务 | 数量，十进制文字');
    expect(eventFieldsMarkdown('en')).to.contain('| `refers` | text ≤ 128 | `void` |');
    expect(eventKindsMarkdown('zh')).to.contain('采购入库<br>`receipt`');
    expect(eventKindsMarkdown('en').split('\n')).to.have.length(fields.length + 2);
  });
});
