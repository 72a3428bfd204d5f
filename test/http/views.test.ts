import { expect } from 'chai';
import { ROUTES } from '../../adapter/http/registry.ts';
import type { Answer, HttpFixture } from './fixture.ts';
import { A, onBothStores, startHttp } from './fixture.ts';
import { seedAttempt, seedCode, seedDelivery, seedEvent, seedRecord } from './seed.ts';

const CODE = '89990010000000011234';

/** Answers are held to the schema that /openapi.json publishes. */
function holds(operation: string, answer: Answer): void {
  const schema = ROUTES.find((route) => route.operation === operation)?.response.schema;
  const parsed = schema?.safeParse(answer.json);
  expect(parsed?.success, `${operation}: ${JSON.stringify(parsed?.error?.issues)}`).to.equal(true);
}

function itemsOf(answer: Answer): readonly Record<string, unknown>[] {
  return answer.json['items'] as Record<string, unknown>[];
}

describe('http: views', () => { onBothStores((open) => {
    let http: HttpFixture;
    let token: string;
    before(async () => {
      http = await startHttp({ open });
      token = http.token('pharmacist');
      const { driver } = http;
      await seedEvent(driver, { institution: A, eventNo: 1, id: 'E1', kind: 'receipt', occurredAt: '2026-11-21T23:59:59+08:00', documentNo: 'RK1', lines: [{ lineNo: '1', drug: 'YP1', lot: 'A2401' }] });
      const body = { id: 'E2', source: 'his', institution: A, kind: 'dispense', occurredAt: '2026-11-22T00:00:00+08:00', lines: [] };
      await seedEvent(driver, { institution: A, eventNo: 2, id: 'E2', occurredAt: '2026-11-22T00:00:00+08:00', documentNo: 'CF1', visitNo: 'V1', body, lines: [{ lineNo: '1', drug: 'YP1', lot: 'A2401' }, { lineNo: '2', drug: 'YP2', lot: 'B1' }] });
      await seedEvent(driver, { institution: A, eventNo: 3, id: 'E3', kind: 'void', occurredAt: '2026-11-22T08:00:00+08:00', refers: 'E2' });
      await seedDelivery(driver, { institution: A, deliveryNo: 10, eventNo: 2, destination: 'insurance', state: 'accepted', covers: ['1'], codes: [CODE] });
      await seedDelivery(driver, { institution: A, deliveryNo: 11, eventNo: 2, destination: 'insurance', state: 'rejected', covers: ['2'], reason: 'CATALOG', detail: '目录编码不存在' });
      await seedDelivery(driver, { institution: A, deliveryNo: 12, eventNo: 2, destination: 'mah', state: 'queued', covers: ['1', '2'], codes: [CODE] });
      await seedDelivery(driver, { institution: A, deliveryNo: 13, eventNo: 3, subjectNo: 2, destination: 'insurance', state: 'queued', covers: ['1'], operation: '3506', reverses: 10, createdAt: Date.parse('2026-11-22T11:59:00+08:00') });
      await seedAttempt(driver, { institution: A, deliveryNo: 10, attemptNo: 1, result: 'unknown' });
      await seedAttempt(driver, { institution: A, deliveryNo: 10, attemptNo: 2, result: 'accepted' });
      await seedCode(driver, { institution: A, code: CODE, eventNos: [1, 2] });
      await seedRecord(driver, { institution: A, recordNo: 50, body: 'MSH|^~\\&|HIS|张三丰' });
      await seedRecord(driver, { institution: A, recordNo: 51, code: 'RECORD_UNREADABLE', receivedAt: '2026-11-23T00:00:00+08:00' });
    });
    after(() => http.close());

    const eventFilters: readonly [string, readonly string[]][] = [
      ['', ['E3', 'E2', 'E1']], ['document=CF1', ['E2']], ['visit=V1', ['E2']], ['drug=YP2', ['E2']], ['drug=YP1', ['E2', 'E1']], ['drug=YP2&lot=A2401', []], ['lot=B1', ['E2']],
      ['kind=void', ['E3']], ['source=other', []], ['state=rejected', ['E2']], ['destination=mah&state=queued', ['E2']], ['destination=mah&state=rejected', []],
      ['from=2026-11-22', ['E3', 'E2']], ['to=2026-11-21', ['E1']], ['from=2026-11-22&to=2026-11-22', ['E3', 'E2']], ['from=2026-11-22T00:00:01%2B08:00', ['E3']],
      ['from=2026-11-22T00:00:01+08:00', ['E3']], ['to=2026-11-21T16:00:00Z', ['E2', 'E1']],
    ];
    for (const [query, ids] of eventFilters) {
      it(`lists events by ${query === '' ? 'nothing, newest first' : query}`, async () => {
        const answer = await http.call(`/api/v1/events?${query}`, { token });
        holds('list-events', answer);
        expect(itemsOf(answer).map((item) => item['id'])).to.deep.equal(ids);
      });
    }

    const deliveryFilters: readonly [string, readonly number[]][] = [
      ['', [13, 12, 11, 10]], ['state=rejected', [11]], ['state=rejected,needs-attention', [11]], ['state=queued', [13, 12]], ['state=accepted,queued', [13, 12, 10]],
      ['destination=mah', [12]], ['drug=YP2', [12, 11]], ['drug=YP1', [13, 12, 10]], ['lot=B1', [12, 11]], ['document=CF1', [13, 12, 11, 10]], ['visit=V1', [13, 12, 11, 10]],
      ['operation=3506', [13]], ['reason=CATALOG', [11]], ['kind=void', [13]], ['from=2026-11-23', []], ['to=2026-11-22', [13, 12, 11, 10]],
    ];
    for (const [query, numbers] of deliveryFilters) {
      it(`lists deliveries by ${query === '' ? 'nothing, newest first' : query}`, async () => {
        const answer = await http.call(`/api/v1/deliveries?${query}`, { token });
        holds('list-deliveries', answer);
        expect(itemsOf(answer).map((item) => item['deliveryNo'])).to.deep.equal(numbers);
      });
    }

    it('pages by cursor, each row exactly once', async () => {
      const seen: unknown[] = [];
      let cursor: string | undefined;
      do {
        const answer = await http.call(`/api/v1/deliveries?limit=1${cursor === undefined ? '' : `&cursor=${cursor}`}`, { token });
        seen.push(...itemsOf(answer).map((item) => item['deliveryNo']));
        cursor = answer.json['nextCursor'] as string | undefined;
      } while (cursor !== undefined && seen.length < 10);
      expect(seen).to.deep.equal([13, 12, 11, 10]);
      expect((await http.call('/api/v1/deliveries?cursor=%27%20OR%201=1', { token })).status).to.equal(400);
    });

    it('shows one event with its lines, reports and attempts', async () => {
      const answer = await http.call('/api/v1/events/his/E2', { token });
      expect(answer.status).to.equal(200);
      holds('get-event', answer);
      const deliveries = answer.json['deliveries'] as { deliveryNo: number; history: { result: string }[] }[];
      expect(deliveries.map((delivery) => [delivery.deliveryNo, delivery.history.map((attempt) => attempt.result)])).to.deep.equal([[10, ['unknown', 'accepted']], [11, []], [12, []]]);
      expect((answer.json['lines'] as { lineNo: string }[]).map((line) => line.lineNo)).to.deep.equal(['1', '2']);
    });

    it('tells the whole life of a code: state, units left, events, and the reports that carry it', async () => {
      const answer = await http.call(`/api/v1/codes/${CODE}`, { token });
      holds('get-code', answer);
      expect(answer.json).to.include({ code: CODE, state: 'opened', unitsTotal: '24', unitsLeft: '10.5', lot: 'A2401' });
      expect((answer.json['events'] as { event: { id: string }; units: string }[]).map((move) => [move.event.id, move.units])).to.deep.equal([['E1', '13.5'], ['E2', '13.5']]);
      expect((answer.json['deliveries'] as { deliveryNo: number }[]).map((delivery) => delivery.deliveryNo)).to.deep.equal([10, 12]);
    });

    it('finds a code by what a scanner types', async () => {
      const answer = await http.call(`/api/v1/codes/${encodeURIComponent('８９９９００１００００００００１１２３４')}`, { token });
      expect([answer.status, answer.json['code']]).to.deep.equal([200, CODE]);
    });

    it('lists quarantined records with the reason and what to do, without their content', async () => {
      const answer = await http.call('/api/v1/quarantine', { token });
      holds('list-quarantine', answer);
      expect(itemsOf(answer).map((item) => item['recordNo'])).to.deep.equal([51, 50]);
      expect(itemsOf(answer)[1]).to.include({ code: 'HL7_FIELD_INVALID', field: 'RXD-4', value: 'abc' });
      expect(String(itemsOf(answer)[1]?.['message'])).to.contain('数量不是数字');
      expect(answer.text).not.to.contain('张三丰');
      const some = await http.call('/api/v1/quarantine?code=RECORD_UNREADABLE&from=2026-11-23', { token });
      expect(itemsOf(some).map((item) => item['recordNo'])).to.deep.equal([51]);
    });

    it('shows the raw record to it alone, and leaves a trace of the look', async () => {
      const pharmacist = await http.call('/api/v1/quarantine/50', { token });
      expect([pharmacist.status, pharmacist.json['raw'], pharmacist.text.includes('张三丰')]).to.deep.equal([200, undefined, false]);
      const answer = await http.call('/api/v1/quarantine/50', { token: http.token('it') });
      holds('get-quarantined-record', answer);
      const raw = answer.json['raw'] as { base64: string; text: string };
      expect([raw.text, Buffer.from(raw.base64, 'base64').toString('utf8')]).to.deep.equal(['MSH|^~\\&|HIS|张三丰', 'MSH|^~\\&|HIS|张三丰']);
      expect(http.logged.filter((entry) => entry.message === 'raw record viewed').map((entry) => entry.fields?.['recordNo'])).to.deep.equal([50]);
      expect(JSON.stringify(http.logged)).not.to.contain('张三丰');
    });

    it('tells a record that was taken from one that waits, in the list and alone, and one whose content was cleared', async () => {
      expect((await http.call('/api/v1/quarantine/50', { token })).json['record']).to.include({ state: 'quarantined', open: true });
      await http.driver.write((q) => q.run('INSERT INTO record (institution, record_no, source, control_id, interpreter, media, charset, sha256, body, received_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', [A, 60, 'his-hl7', 'C60', 'his-hl7', 'hl7v2', 'utf-8', 'x', new Uint8Array(0), http.clock.ms, 'taken']));
      const taken = await http.call('/api/v1/quarantine/60', { token: http.token('it') });
      holds('get-quarantined-record', taken);
      expect(taken.json['record']).to.include({ state: 'taken', open: false, bytes: 0 });
      expect(taken.json).not.to.have.property('raw');
      expect(itemsOf(await http.call('/api/v1/quarantine', { token })).map((item) => item['recordNo'])).to.deep.equal([51, 50]);
    });

    it('shows backlog, oldest age and state of each destination', async () => {
      await http.driver.write((q) => q.run('INSERT INTO destination_switch (institution, destination, stopped, reason, changed_by, changed_at) VALUES (?, ?, ?, ?, ?, ?)', [A, 'mah', 1, '平台检修', 'it', http.clock.ms]));
      const answer = await http.call('/api/v1/destinations', { token });
      holds('list-destinations', answer);
      const [insurance, mah] = itemsOf(answer);
      expect(insurance).to.deep.include({ name: 'insurance', state: 'running', pending: 1, attention: 1, byState: { queued: 1, rejected: 1 }, oldestAgeSeconds: 60 });
      expect(mah).to.deep.include({ name: 'mah', state: 'paused', pauseReason: '平台检修', pending: 1, attention: 0 });
    });

    it('hands resend and retry to the operations with the filter, counting first on dryRun', async () => {
      const it = http.token('it');
      const dry = await http.call('/api/v1/deliveries/resend', { token: it, body: { destination: 'insurance', reason: 'CATALOG', dryRun: true } });
      const real = await http.call('/api/v1/quarantine/retry', { token: it, body: { source: 'his-hl7', from: '2026-11-22' } });
      holds('resend-deliveries', dry);
      holds('retry-quarantine', real);
      expect([dry.json['matched'], dry.json['changed'], real.json['changed']]).to.deep.equal([3, 0, 1]);
      const [resend, retry] = http.operations;
      expect(resend?.argument).to.deep.include({ institution: A, destination: 'insurance', reason: 'CATALOG', states: ['rejected', 'needs-attention'] });
      expect(resend?.options).to.deep.equal({ dryRun: true, by: `it@${A}` });
      expect(retry?.argument).to.deep.include({ institution: A, source: 'his-hl7', fromMs: Date.parse('2026-11-22T00:00:00+08:00') });
      expect((await http.call('/api/v1/deliveries/resend', { token: it, body: { dryrun: true } })).status, 'a misspelt dryRun must not send').to.equal(400);
    });

    it('pauses with a reason and resumes', async () => {
      const it = http.token('it');
      expect((await http.call('/api/v1/destinations/mah/pause', { token: it, body: {} })).status).to.equal(400);
      const paused = await http.call('/api/v1/destinations/mah/pause', { token: it, body: { reason: '平台检修' } });
      const resumed = await http.call('/api/v1/destinations/mah/resume', { token: it, method: 'POST' });
      expect([paused.json['state'], resumed.json['state']]).to.deep.equal(['paused', 'running']);
      expect(http.operations.filter((operation) => operation.name === 'switch').map((operation) => operation.argument)).to.deep.equal([
        { destination: 'mah', institution: A, stopped: true, reason: '平台检修', by: `it@${A}` }, { destination: 'mah', institution: A, stopped: false, reason: '', by: `it@${A}` },
      ]);
    });
}); });
