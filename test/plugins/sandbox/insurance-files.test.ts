import { expect } from 'chai';
import { unzipSync } from 'fflate';
import { startSandbox, type Sandbox } from '../../../plugins/sandbox/index.ts';
import { callInsurance, INSTITUTION, signInNow, type InsuranceReply } from '../../support/sandbox-requests.ts';

const PATHS: Readonly<Record<string, string>> = { 1301: '/fsi/api/catalogdownservice/downCatalog1301', 9101: '/fsi/api/fileupload/upload', 9102: '/fsi/api/fileupload/download' };
const NODES: Readonly<Record<string, string>> = { 1301: 'data', 9101: 'fsUploadIn', 9102: 'fsDownloadIn' };

describe('sandbox insurance platform: catalogue and files', () => {
  let sandbox: Sandbox;
  let signNo: string;
  beforeEach(async () => {
    sandbox = await startSandbox();
    signNo = await signInNow(sandbox);
  });
  afterEach(() => sandbox.stop());
  const call = (infno: string, fields: object): Promise<InsuranceReply> => callInsurance(sandbox, { infno, signNo, path: PATHS[infno] ?? '', input: { [NODES[infno] ?? '']: fields } });

  it('names a file of the catalogue with its number of rows, and nothing when there is nothing newer', async () => {
    const newer = await call('1301', { ver: '0' });
    expect(newer.output).to.include({ data_cnt: 3 });
    expect(newer.output['file_qury_no']).to.match(/^FSN\d{12}$/);
    expect((await call('1301', { ver: 'F002_20260101' })).output, 'an older version').to.include({ data_cnt: 3 });
    expect((await call('1301', { ver: 'F003' })).output).to.include({ file_qury_no: '', data_cnt: 0 });
    expect((await call('1301', {})).error).to.contain('ver');
  });

  it('gives back the bytes it was given, to that institution under that name alone', async () => {
    const content = Buffer.from([0, 1, 2, 253, 254, 255, 80, 75]);
    const taken = await call('9101', { in: content.toString('base64'), filename: 'a.bin', fixmedins_code: INSTITUTION });
    const number = taken.output['file_qury_no'];
    expect(number).to.match(/^FSN/);
    const given = await call('9102', { file_qury_no: number, filename: 'a.bin', fixmedins_code: INSTITUTION });
    expect([given.status, given.text]).to.deep.equal([200, content.toString('utf8')]);
    expect((await call('9102', { file_qury_no: number, filename: 'plc', fixmedins_code: INSTITUTION })).error).to.equal('文件查询号不存在或已过期');
    expect((await call('9101', { in: 'no base64!', filename: 'a.bin', fixmedins_code: INSTITUTION })).error).to.contain('Base64');
    expect((await call('9102', { file_qury_no: number, filename: 'a.bin', fixmedins_code: 'H99999999999' })).error).to.contain('fixmedins_code');
  });

  it('packs the catalogue into a zip that others can read: 97 columns, null for empty', async () => {
    const { output } = await call('1301', { ver: '0' });
    const message = await rawFile(String(output['file_qury_no']));
    const [line = ''] = Buffer.from(unzipSync(message)['catalogue.txt'] ?? []).toString('utf8').split('\n');
    const cells = line.split('\t');
    expect([cells.length, cells[0], cells[1], cells[46], cells[82]]).to.deep.equal([97, 'XA89991AAA001010100001', 'null', '10', 'F002_20260101000000']);
  });

  /** The same call with the bytes kept as they are. */
  async function rawFile(number: string): Promise<Uint8Array> {
    const original = globalThis.fetch;
    let bytes = new Uint8Array();
    globalThis.fetch = async (...args) => {
      const reply = await original(...args);
      bytes = new Uint8Array(await reply.clone().arrayBuffer());
      return reply;
    };
    try {
      await call('9102', { file_qury_no: number, filename: 'plc', fixmedins_code: INSTITUTION });
    } finally {
      globalThis.fetch = original;
    }
    return bytes;
  }
});
