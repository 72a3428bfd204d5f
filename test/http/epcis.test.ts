import { expect } from 'chai';
import type { Answer, HttpFixture } from './fixture.ts';
import { A, B, onBothStores, startHttp } from './fixture.ts';
import { seedCode, seedEvent } from './seed.ts';

const CODE = '89990010000000011234';

interface Epcis { readonly bizStep: string; readonly eventID: string; readonly epcList?: readonly string[]; readonly errorDeclaration?: { readonly reason: string } }

function eventsOf(answer: Answer): readonly Epcis[] {
  return (JSON.parse(answer.text) as { epcisBody: { queryResults: { resultsBody: { eventList: Epcis[] } } } }).epcisBody.queryResults.resultsBody.eventList;
}

describe('http: GET /epcis/events', () => { onBothStores((open) => {
    let http: HttpFixture;
    let token: string;
    const get = (query: string): Promise<Answer> => http.call(`/epcis/events${query}`, { token });
    before(async () => {
      http = await startHttp({ open });
      token = http.token('auditor');
      const { driver } = http;
      const line = { lineNo: '1', drug: 'YP1', quantity: '1', unit: '盒', split: false, codes: [CODE] };
      const body = (id: string, kind: string, occurredAt: string): object => ({ id, source: 'his', institution: A, kind, occurredAt, lines: [line], patient: { name: '演示患者', visitNo: 'V1' } });
      const seed = (eventNo: number, kind: string, occurredAt: string, refers?: string): Promise<void> => seedEvent(driver, {
        institution: A, eventNo, id: `E${String(eventNo)}`, kind, occurredAt, ...(refers === undefined ? {} : { refers }), body: { ...body(`E${String(eventNo)}`, kind, occurredAt), ...(kind === 'void' ? { lines: [] } : {}) }, lines: kind === 'void' ? [] : [{ lineNo: '1', drug: 'YP1' }],
      });
      await seed(1, 'receipt', '2026-11-21T10:00:00+08:00');
      await seed(2, 'dispense', '2026-11-22T10:00:00+08:00');
      await seed(3, 'void', '2026-11-22T11:00:00+08:00', 'E2');
      await seed(4, 'settlement', '2026-11-22T12:00:00+08:00');
      await seed(5, 'destroy', '2026-11-23T12:00:00+08:00');
      await seedCode(driver, { institution: A, code: CODE, eventNos: [1, 2] });
    });
    after(() => http.close());

    it('gives the history oldest first, with what was cancelled declared, and without patients', async () => {
      const answer = await get('');
      expect(answer.status).to.equal(200);
      expect(answer.headers.get('content-type')).to.contain('application/ld+json');
      expect(eventsOf(answer).map((event) => [event.bizStep, event.errorDeclaration?.reason])).to.deep.equal([['receiving', undefined], ['dispensing', 'did_not_occur'], ['destroying', undefined]]);
      expect(eventsOf(answer)[0]?.epcList).to.deep.equal([`urn:his-trace:code:${CODE}`]);
      expect(answer.text).not.to.contain('演示患者');
    });
    it('narrows by code, step and time', async () => {
      expect(eventsOf(await get(`?MATCH_epc=urn:his-trace:code:${CODE}`)).map((event) => event.bizStep)).to.deep.equal(['receiving', 'dispensing']);
      expect(eventsOf(await get(`?MATCH_epc=${CODE}&EQ_bizStep=receiving`))).to.have.length(1);
      expect(eventsOf(await get('?EQ_bizStep=nothing'))).to.have.length(0);
      expect(eventsOf(await get('?GE_eventTime=2026-11-22&LT_eventTime=2026-11-23')).map((event) => event.bizStep)).to.deep.equal(['dispensing']);
    });
    it('pages to the end, each event once', async () => {
      const seen: string[] = [];
      let next: string | null = '';
      for (let page = 0; page < 9 && next !== null; page += 1) {
        const answer: Answer = await get(`?perPage=2${next === '' ? '' : `&nextPageToken=${next}`}`);
        seen.push(...eventsOf(answer).map((event) => event.eventID));
        next = answer.headers.get('gs1-next-page-token');
      }
      expect(next).to.equal(null);
      expect(new Set(seen).size).to.equal(3);
      expect(seen).to.have.length(3);
    });
    it('refuses unknown parameters and pharmacists, and shows nothing of another institution', async () => {
      expect((await get('?EQ_disposition=x')).status).to.equal(400);
      expect((await http.call('/epcis/events', { token: http.token('pharmacist') })).status).to.equal(403);
      expect((await get(`?institution=${B}`)).status).to.be.oneOf([200, 403]);
      const other = await get(`?institution=${B}`);
      if (other.status === 200) expect(eventsOf(other)).to.deep.equal([]);
    });
}); });
