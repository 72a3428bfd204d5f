import { parentPort, workerData } from 'node:worker_threads';
import { sources } from '../../connectors/registry.ts';
import { mappings } from '../../mappings/registry.ts';
import { tableReader } from '../catalogue/csv-stream.ts';
import { TraceError } from '../domain/error.ts';
import { systemClock } from '../ops/system-clock.ts';
import type { HisSource } from '../ports/his-source.ts';
import type { IntakeAnswer } from '../ports/intake.ts';
import type { FromThread, ThreadSetup, ToThread } from './protocol.ts';
import { Questions } from './questions.ts';
import { ThreadIntake } from './thread-intake.ts';
import { threadLog } from './thread-log.ts';

/**
 * Where the thread of a source begins: like main.ts it names connectors and mappings, because functions cannot be sent to a
 * thread. It runs one source; everything else of the product is asked for through the port.
 */
const port = parentPort;
if (port !== null) run(port, workerData as ThreadSetup);

function run(to: NonNullable<typeof parentPort>, setup: ThreadSetup): void {
  const post = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void => { to.postMessage(message, [...transfer]); };
  const connector = sources.find((one) => one.name === setup.connector);
  const mapping = mappings.find((one) => one.name === setup.mapping);
  if (connector === undefined || (mapping === undefined && setup.mapping !== undefined)) {
    post({ kind: 'failed', code: 'CONFIG_INVALID', detail: `${setup.connector} ${setup.mapping ?? ''}`, fallback: true });
    return;
  }
  const intake = new ThreadIntake(post);
  const questions = new Questions(post);
  const source = connector.create({
    name: setup.name, settings: setup.settings, mapping, institutions: setup.institutions, intake, counters: questions, catalogue: questions, tables: tableReader, clock: systemClock,
    log: threadLog(post), count: (metric, labels) => { intake.count(metric, labels); },
  });
  to.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'answers': intake.take(JSON.parse(message.answers) as [number, IntakeAnswer][]); break;
      case 'told': questions.told(message); break;
      case 'probe': void source.probe().catch((fault: unknown) => [{ what: setup.name, ok: false, detail: String(fault) }]).then((results) => { post({ kind: 'probed', no: message.no, results }); }); break;
      case 'stop': void stop(source, intake).finally(() => { post({ kind: 'stopped' }); to.close(); }); break;
    }
  });
  source.start().then(
    () => { post({ kind: 'started', address: source.address() }); },
    (fault: unknown) => {
      post({ kind: 'failed', code: fault instanceof TraceError ? fault.code : undefined, detail: fault instanceof TraceError ? fault.detail : String(fault), fallback: false });
      to.close();
    },
  );
}

async function stop(source: HisSource, intake: ThreadIntake): Promise<void> {
  await source.stop().catch(() => undefined);
  intake.flush();
}
