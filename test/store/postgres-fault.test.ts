import { expect } from 'chai';
import { isConflict, isConnectionLost, isDuplicateKey, isStaleStatement, storeFaultOf } from '../../adapter/store/postgres/fault.ts';
import { Gate } from '../../adapter/store/postgres/gate.ts';
import { Statements } from '../../adapter/store/postgres/statements.ts';
import { refusal } from '../contracts/probe-table.ts';

const failed = (code: string, message = 'something'): Error => Object.assign(new Error(message), { code });

describe('store/postgres faults', () => {
  const codes: readonly (readonly [string, string | undefined])[] = [
    ['53100', 'STORE_FULL'], ['25006', 'STORE_READ_ONLY'], ['42501', 'STORE_READ_ONLY'], ['XX001', 'STORE_CORRUPT'], ['XX002', 'STORE_CORRUPT'],
    ['57P01', 'STORE_UNAVAILABLE'], ['57P03', 'STORE_UNAVAILABLE'], ['08006', 'STORE_UNAVAILABLE'], ['53300', 'STORE_UNAVAILABLE'],
    ['57014', 'STORE_UNAVAILABLE'], ['55P03', 'STORE_UNAVAILABLE'], ['28P01', 'STORE_UNAVAILABLE'], ['3D000', 'STORE_UNAVAILABLE'],
    ['ECONNREFUSED', 'STORE_UNAVAILABLE'], ['ECONNRESET', 'STORE_UNAVAILABLE'], ['EAI_AGAIN', 'STORE_UNAVAILABLE'],
    ['23505', undefined], ['42601', undefined], ['42P01', undefined], ['22P02', undefined], ['P0001', undefined], ['08P01', undefined],
  ];
  for (const [code, fault] of codes) {
    it(`takes ${code} for ${fault ?? "the statement's own fault"}`, () => { expect(storeFaultOf(failed(code))?.code).to.equal(fault); });
  }
  it('takes a full disk for STORE_FULL however the server puts it', () => {
    expect(storeFaultOf(failed('58030', 'could not write to file "pg_wal/xlogtemp": No space left on device'))?.code).to.equal('STORE_FULL');
  });
  it('knows the messages of the client library for a lost connection', () => {
    for (const message of ['Connection terminated unexpectedly', 'Query read timeout', 'timeout exceeded when trying to connect',
      'Client has encountered a connection error and is not queryable', 'Connection terminated due to connection timeout']) {
      expect(isConnectionLost(new Error(message)), message).to.equal(true);
    }
    expect(isConnectionLost(new Error('the work lost its connection to reality'))).to.equal(false);
  });
  it('says when to try again', () => { expect(storeFaultOf(failed('57P01'))?.retryAfterMs).to.equal(5_000); });
  it('tells conflicts, duplicates and stale statements apart', () => {
    expect([isConflict(failed('40001')), isConflict(failed('40P01')), isConflict(failed('23505'))]).to.deep.equal([true, true, false]);
    expect([isDuplicateKey(failed('23505')), isDuplicateKey(failed('23503'))]).to.deep.equal([true, false]);
    expect(isStaleStatement(failed('0A000', 'cached plan must not change result type'))).to.equal(true);
    expect(isStaleStatement(failed('0A000', 'FOR UPDATE is not allowed with DISTINCT clause'))).to.equal(false);
    expect(isStaleStatement(failed('26000'))).to.equal(true);
  });
});

describe('store/postgres statements', () => {
  it('names a statement that comes back, and gives it the same name for ever', () => {
    const statements = new Statements({ named: 2, cached: 10, nameAfterUses: 2 });
    expect(statements.of('SELECT ?').name).to.equal(undefined);
    expect(statements.of('SELECT ?').name).to.equal('s1');
    for (let at = 0; at < 50; at += 1) statements.of(`SELECT ${String(at)}`);
    expect(statements.of('SELECT ?')).to.include({ name: 's1', text: 'SELECT $1', count: 1 });
  });
  it('names no more than its limit', () => {
    const statements = new Statements({ named: 3, cached: 100, nameAfterUses: 1 });
    const names = Array.from({ length: 50 }, (_, at) => statements.of(`SELECT ${String(at)}`).name);
    expect(names.filter((name) => name !== undefined)).to.deep.equal(['s1', 's2', 's3']);
  });
});

describe('store/postgres gate', () => {
  it('lets no more in than its width, in order', async () => {
    const gate = new Gate(2, 1_000);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 20 }, (_, at) => gate.pass(async () => {
      inside += 1;
      most = Math.max(most, inside);
      order.push(at);
      await new Promise((resolve) => { setImmediate(resolve); });
      inside -= 1;
    })));
    expect(most).to.equal(2);
    expect(order).to.deep.equal(Array.from({ length: 20 }, (_, at) => at));
  });
  it('turns away who waited too long, and the place is not lost', async () => {
    const gate = new Gate(1, 20);
    let leave: () => void = () => undefined;
    const first = gate.pass(() => new Promise<void>((resolve) => { leave = resolve; }));
    expect((await refusal(gate.pass(() => Promise.resolve()))).message).to.contain('STORE_UNAVAILABLE');
    leave();
    await first;
    expect(await gate.pass(() => Promise.resolve('in'))).to.equal('in');
    await gate.empty();
  });
  it('gives its place back when the work fails', async () => {
    const gate = new Gate(1, 1_000);
    await refusal(gate.pass(() => Promise.reject(new Error('no'))));
    expect(await gate.pass(() => Promise.resolve('in'))).to.equal('in');
  });
});
