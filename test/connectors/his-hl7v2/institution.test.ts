import { expect } from 'chai';
import { silentLog } from '../../../adapter/ports/log.ts';
import type { Hl7Settings } from '../../../connectors/his-hl7v2/settings.ts';
import { HL7_DEFAULTS, makeSource, startSource } from '../../support/hl7-source.ts';
import type { RunningSource } from '../../support/hl7-source.ts';
import { rdsText } from '../../support/hl7-text.ts';
import { MllpClient } from '../../support/mllp-client.ts';
import { HOSPITAL, openTestHospital } from '../../support/test-hospital.ts';
import { IntakeService } from '../../../adapter/intake/intake.ts';
import { nationalPolicy } from '../../../adapter/checks/national-policy.ts';
import { systemClock } from '../../../adapter/ops/system-clock.ts';
import { createCounters } from '../../../adapter/store/counters.ts';
import { Numbers } from '../../../adapter/store/numbers.ts';

const A = 'H35010200001';
const B = 'H35010200002';
const FOREIGN = 'H35010299999';
/** the settings of a listener that names no institution */
const { institution: _, ...unnamed } = HL7_DEFAULTS;

describe('HL7 source: whose message it is', () => {
  const started: RunningSource[] = [];
  const ask = async (text: string, options: { readonly institutions: readonly string[]; readonly settings?: Partial<Hl7Settings> }): Promise<{ ack: string; running: RunningSource }> => {
    const settings = { ...unnamed, ...options.settings };
    const running = await startSource({ institutions: options.institutions, settings: { ...settings, ...('institution' in settings ? {} : { institution: undefined }) } as unknown as Partial<Hl7Settings> });
    started.push(running);
    const client = await MllpClient.open(running.port);
    try {
      return { ack: await client.ask(Buffer.from(text)), running };
    } finally {
      client.close();
    }
  };
  afterEach(async () => { await Promise.all(started.splice(0).map(({ source }) => source.stop())); });

  it('refuses, with several institutions, a message whose MSH-4 names none of them, naming field, value and remedy', async () => {
    for (const facility of [FOREIGN, '总院', '""']) {
      const { ack, running } = await ask(rdsText({ id: 'X1', facility }), { institutions: [A, B] });
      expect(ack, facility).to.match(/MSA\|AE\|X1\|EVENT_INSTITUTION_UNKNOWN .*MSH-4.*institution/);
      if (facility !== '""') expect(ack).to.contain(`MSH-4=${facility}`);
      const [submission] = running.intake.submissions;
      expect(submission?.record.institution).to.equal('');
      expect(submission?.interpretation.kind).to.equal('refused');
    }
  });

  it('takes it where the listener or the peer has an institution of its own', async () => {
    for (const settings of [{ institution: B }, { peers: [{ address: '127.0.0.1', institution: B }] }]) {
      for (const facility of [FOREIGN, '总院']) {
        const { ack, running } = await ask(rdsText({ id: 'X2', facility }), { institutions: [A, B], settings });
        expect(ack).to.contain('MSA|AA|X2');
        const [submission] = running.intake.submissions;
        expect(submission?.record.institution).to.equal(B);
        expect(submission?.interpretation.kind === 'events' ? submission.interpretation.events[0]?.institution : undefined).to.equal(B);
        if (submission !== undefined) expect(running.source.interpret(submission.record)).to.deep.equal(submission.interpretation);
      }
    }
  });

  it('takes, with one institution, a sender’s own name, and refuses the code of another institution', async () => {
    expect((await ask(rdsText({ id: 'X3', facility: 'HOSP' }), { institutions: [A] })).ack).to.contain('MSA|AA|X3');
    const { ack, running } = await ask(rdsText({ id: 'X4', facility: FOREIGN }), { institutions: [A] });
    expect(ack).to.match(new RegExp(`MSA\\|AE\\|X4\\|EVENT_INSTITUTION_UNKNOWN .*MSH-4=${FOREIGN}`));
    const [submission] = running.intake.submissions;
    if (submission === undefined) throw new Error('nothing submitted');
    // also when it is tried again under the institution that keeps it
    expect(running.source.interpret({ ...submission.record, institution: A }).kind).to.equal('refused');
  });

  it('does not believe MSH-6 when MSH-4 holds the code of an institution that is not configured', async () => {
    const { ack } = await ask(rdsText({ id: 'X5', facility: FOREIGN }).replace('CENTER', A), { institutions: [A, B] });
    expect(ack).to.contain('MSA|AE|X5|EVENT_INSTITUTION_UNKNOWN');
    expect((await ask(rdsText({ id: 'X6', facility: 'HOSP' }).replace('CENTER', B), { institutions: [A, B] })).ack).to.contain('MSA|AA|X6');
  });

  it('reads a message of a wire that tells the institution itself: the name of a sender does not matter, a foreign code does', () => {
    const { source } = makeSource({ institutions: [A, B] });
    const record = { institution: A, source: 'his-hl7', controlId: 'X7', media: 'hl7v2' as const, charset: 'utf-8', bytes: Buffer.from(rdsText({ id: 'X7', facility: '总院' })), interpreter: 'his-hl7' };
    expect(source.interpret(record).kind).to.equal('events');
  });

  it('keeps what belongs to nobody where no configured institution sees it', async () => {
    const hospital = await openTestHospital([]);
    try {
      const institutions = [HOSPITAL, { ...HOSPITAL, code: B }];
      const intake = new IntakeService({
        driver: hospital.driver, numbers: new Numbers(createCounters(hospital.driver)), clock: systemClock, log: silentLog, count: () => undefined, onTaken: () => undefined,
        rules: { institution: (code) => institutions.find((one) => one.code === code), home: { code: '*', name: '未归属', region: '' }, policy: nationalPolicy, destinations: [], catalogue: { lookup: () => Promise.resolve(new Map()) } },
      });
      const { running } = await ask(rdsText({ id: 'X8', facility: FOREIGN }), { institutions: [A, B] });
      const [submission] = running.intake.submissions;
      if (submission === undefined) throw new Error('nothing submitted');
      expect((await intake.submit(submission.record, submission.interpretation)).kind).to.equal('quarantined');
      expect(await hospital.rows('SELECT institution, control_id, error_code, error_field, error_value FROM record')).to.deep.equal([
        { institution: '*', control_id: 'X8', error_code: 'EVENT_INSTITUTION_UNKNOWN', error_field: 'MSH-4', error_value: FOREIGN },
      ]);
      await intake.stop();
    } finally {
      await hospital.stop();
    }
  });
});
