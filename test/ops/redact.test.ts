import { expect } from 'chai';
import fc from 'fast-check';
import { redactFields, redactText } from '../../adapter/ops/redact.ts';

const SURNAMES = ['张', '王', '李', '欧阳', '赵', '陈'];
const name = fc.tuple(fc.constantFrom(...SURNAMES), fc.constantFrom('三丰', '小明', '建国', '秀英', '诗涵')).map((parts) => parts.join(''));
const digits = (length: number): fc.Arbitrary<string> => fc.integer({ min: 0, max: 10 ** length - 1 }).map((value) => String(value).padStart(length, '0'));
const day = fc.tuple(fc.integer({ min: 1930, max: 2025 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 })).map(([year, month, date]) => `${String(year)}${String(month).padStart(2, '0')}${String(date).padStart(2, '0')}`);
const identity = fc.tuple(fc.integer({ min: 110_000, max: 659_999 }), day, digits(3), fc.constantFrom('1', '7', 'X', 'x')).map(([region, born, sequence, check]) => `${String(region)}${born}${sequence}${check}`);
const phone = fc.tuple(fc.integer({ min: 13, max: 19 }), digits(9)).map(([head, rest]) => `${String(head)}${rest}`);
const person = fc.record({ name, identity, phone });

/** Ways in which somebody careless may put a person into the log. */
type Person = { readonly name: string; readonly identity: string; readonly phone: string };
const CARELESS: readonly ((person: Person) => Readonly<Record<string, unknown>>)[] = [
  (who) => ({ patient: who }), (who) => ({ patientName: who.name, id_no: who.identity, mobile: who.phone }), (who) => ({ event: { operator: { name: who.name }, patient: { idNo: who.identity, phone: who.phone } } }),
  (who) => ({ psn_name: who.name, certno: who.identity, tel: who.phone }), (who) => ({ list: [{ prescriber: who.name, note: `电话 ${who.phone}，证件 ${who.identity}` }] }),
  (who) => ({ detail: `PID|1||${who.identity}^^^ID||${who.name}^^||19900101|M|||福州市鼓楼区||${who.phone}\rPV1|1|O|${who.name}` }),
  (who) => ({ detail: `frame: MSH|^~\\&|HIS|H|A|B|20261122||RDS^O13|1|P|2.5\\rPID|1||${who.identity}||${who.name}||19900101|M|||||${who.phone}\\rORC|RE` }),
  (who) => ({ error: new Error(`bad body {"patient":{"visitNo":"V1","name":"${who.name}","idNo":"${who.identity}","phone":"${who.phone}"}}`) }),
  (who) => ({ text: `<psn_name>${who.name}</psn_name><certno>${who.identity}</certno><tel type="m">${who.phone}</tel>` }),
  (who) => ({ text: `&lt;patientName&gt;${who.name}&lt;/patientName&gt; ${who.identity} ${who.phone}` }),
  (who) => ({ cause: new Error('outer', { cause: new Error(`name='${who.name}' id ${who.identity} tel +86 ${who.phone}`) }) }),
  (who) => ({ address: `${who.name}，福州市鼓楼区五四路 1 号`, addr: who.phone }),
];

describe('log: what is kept out of it', () => {
  it('keeps names, identity numbers and telephone numbers out, however they were passed in', () => {
    fc.assert(fc.property(person, fc.constantFrom(...CARELESS), (who, careless) => {
      const shown = JSON.stringify(redactFields(careless(who)));
      for (const secret of [who.name, who.identity, who.phone]) expect(shown).not.to.contain(secret);
    }), { numRuns: 1_000 });
  });

  it('keeps HL7 segments of people out and leaves the others readable', () => {
    const shown = redactText('MSH|^~\\&|HIS|H35010200001\rPID|1||P1||张三\rNK1|1|李四\rRXD|1|YP1|20261122|2|盒');
    expect(shown).to.equal('MSH|^~\\&|HIS|H35010200001\rPID|[redacted]\rNK1|[redacted]\rRXD|1|YP1|20261122|2|盒');
  });

  it('leaves trace codes, codes of institutions, document numbers and times as they are', () => {
    for (const text of ['码 89990010000000011234', 'H35010200001', 'CF2026112200123', '2026-11-22T09:31:05+08:00', 'lines[0].quantity: 必须大于 0', 'bill RK202611220001', 'store file:data/his-trace.db']) expect(redactText(text)).to.equal(text);
    fc.assert(fc.property(digits(13), (serial) => { expect(redactText(`code=8999001${serial}`)).to.contain(`8999001${serial}`); }));
  });

  it('shows where a machine is, and never where a person lives', () => {
    for (const address of ['10.1.2.3:51234', '10.1.2.3', 'mllp://0.0.0.0:2575', 'http://127.0.0.1:8680', '[::1]:2575', '::ffff:10.1.2.3', 'fe80::1', 'his-server.local:1433', 'localhost']) expect(redactFields({ address }), address).to.deep.equal({ address });
    for (const address of ['福州市鼓楼区五四路 1 号', 'Wusi Road 1, Fuzhou', '13800138000', '350102199001011234', 'Fuzhou']) expect(redactFields({ address }), address).to.deep.equal({ address: '[redacted]' });
    expect(redactFields({ peer: '10.1.2.3', remoteAddress: '10.1.2.4' })).to.deep.equal({ peer: '10.1.2.3', remoteAddress: '10.1.2.4' });
  });

  it('bears texts of any length and shape in bounded time', () => {
    for (const text of ['PID|'.repeat(20_000), '"'.repeat(50_000), '<a>'.repeat(20_000), 'name="'.repeat(10_000), ':'.repeat(50_000)]) expect(redactText(text).length).to.be.lessThan(4_100);
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => { redactFields({ text, address: text }); }));
  });
});
