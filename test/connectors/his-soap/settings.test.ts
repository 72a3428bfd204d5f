import { expect } from 'chai';
import { loadConfig } from '../../../adapter/config/load.ts';
import type { LoadedConfig } from '../../../adapter/config/load.ts';
import { printConfig } from '../../../adapter/config/print-config.ts';
import { settings } from '../../../connectors/his-soap/index.ts';
import { defaultSettings } from './open-soap.ts';

const PARTS = { sources: [], destinations: [], mappings: [{ name: 'standard' }], httpSections: { soap: { kind: 'section' as const, fields: settings, label: 'SOAP', description: 'soap' } } };

function load(http: string): LoadedConfig {
  return loadConfig(`institutions: [{ code: H35010200001, name: 示范医院, region: "350102" }]\nhttp:\n${http}`, { env: {}, readFile: () => '', parts: PARTS });
}

describe('his-soap: settings', () => {
  it('are the defaults where the file says nothing', () => {
    expect(load('  port: 0').ok?.http.sections?.['soap']).to.deep.equal(defaultSettings());
  });

  it('are read from http.soap, and shown in the configuration in effect', () => {
    const { ok } = load('  soap: { actions: [{ name: S0101, as: dispense }], answers: { hip: json }, tokenInQuery: true }');
    expect(ok?.http.sections?.['soap']).to.deep.include({ actions: [{ name: 'S0101', as: 'dispense' }], tokenInQuery: true });
    expect(ok === undefined ? '' : printConfig(ok, PARTS)).to.contain('name: S0101').and.contain('hip: json');
  });

  it('names every wrong value with its line', () => {
    const { problems } = load('  soap:\n    actions: [{ name: S0101, as: dispensing }]\n    answers: { hip: xml }\n    resultElement: "a b"\n    maxByte: 5');
    expect(problems?.map(({ line, path }) => `${String(line)} ${path}`)).to.deep.equal(['4 http.soap.actions[0].as', '5 http.soap.answers.hip', '6 http.soap.resultElement', '7 http.soap.maxByte']);
  });
});
