import { expect } from 'chai';
import { loadConfig } from '../../adapter/config/load.ts';
import { printConfig } from '../../adapter/config/print-config.ts';
import { PARTS } from '../dry-run/fixture.ts';
import { SITE } from './parts.ts';

const load = (source: string, file?: string): ReturnType<typeof loadConfig> => loadConfig(`${SITE}sources:\n  his-db:\n    ${source}\n`, {
  env: { HIS_DB: 'Server=h;Database=d;User Id=u;Password=p' }, parts: PARTS,
  readFile: () => { if (file === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' }); return file; },
});
const ROWS = 'connector: his-mssql\n    connection: "${HIS_DB}"\n    mapping: newtouch\n    mappingFile: m.yaml';

describe('configuration: a site’s changes to a mapping', () => {
  it('puts the changes of the file on the mapping that the source names, and prints the file', () => {
    const { ok } = load('connector: his-mssql\n    connection: "${HIS_DB}"\n    mappingFile: m.yaml', 'overrides:\n  lines:\n    fields:\n      location: { from: STATION }\n');
    const changed = ok?.sources[0]?.changed;
    expect(changed?.file).to.equal('m.yaml');
    const row = { EVENT_ID: 'D1', EVENT_KIND: 'dispense', OCCURRED_AT: '2026-11-22 09:31:05', LINE_NO: '1', DRUG_CODE: 'YP1', QUANTITY: '1', UNIT: '盒', LOCATION: '西药房', STATION: '急诊药房' };
    const meaning = changed?.mapping.fromRow?.([row], { source: 'his-db', institution: 'H35010200001', institutions: ['H35010200001'], receivedAt: '2026-11-22T09:31:05+08:00' });
    expect(meaning?.kind === 'events' && meaning.events[0]?.location).to.equal('急诊药房');
    expect(changed?.mapping).to.have.property('fromHl7');
    expect(ok === undefined ? '' : printConfig(ok, PARTS)).to.contain('mappingFile: m.yaml');
  });

  it('names each problem with the line of the source and the line in the file', () => {
    const { problems } = load(ROWS, 'base: newtouch\noverrides:\n  outpatint:\n    fields:\n      location: ~\n');
    expect(problems).to.have.length(1);
    expect(problems?.[0]).to.include({ path: 'sources.his-db.mappingFile', line: 11 });
    expect(problems?.[0]?.reason).to.match(/^m\.yaml:3 /).and.contain('outpatient');
    expect(load(ROWS, 'base: openhis\n').problems?.[0]?.reason).to.contain('m.yaml:1');
  });

  it('says that the file cannot be read, that HL7 has no table, and that a mapping has none', () => {
    expect(load(ROWS).problems?.[0]?.reason).to.contain('ENOENT');
    expect(load('connector: his-hl7v2\n    mappingFile: m.yaml', '').problems?.[0]?.reason).to.contain('HL7');
    expect(load('connector: his-mssql\n    connection: "${HIS_DB}"\n    mapping: neusoft\n    mappingFile: m.yaml', '').problems?.[0]?.reason).to.contain('没有字段表');
  });
});
