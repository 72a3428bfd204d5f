import { memoryCounters } from '../support/memory-counters.ts';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { silentLog } from '../../adapter/ports/log.ts';
import { Hl7Source } from '../../connectors/his-hl7v2/source.ts';
import { neusoft } from '../../mappings/neusoft/index.ts';
import { standard } from '../../mappings/standard/index.ts';
import { answerByMeaning } from '../support/fake-intake.ts';
import { HL7_DEFAULTS } from '../support/hl7-source.ts';
import { rdsText } from '../support/hl7-text.ts';
import { frameOf, MllpClient } from '../support/mllp-client.ts';
import { waitFor } from '../support/wait-for.ts';
import { diceOf, noise } from './hl7-noise.ts';
import type { Dice } from './hl7-noise.ts';

export interface FuzzFigures {
  readonly seed: number;
  readonly inputs: number;
  readonly bytes: number;
  readonly submitted: number;
  readonly connections: number;
  /** connections on which a good message after all the noise was answered AA */
  readonly recovered: number;
  /** connections the source closed, as it must for what is no MLLP */
  readonly closedBySource: number;
  /** bytes of heap in use after a collection, when warm and at the end */
  readonly heapWarm: number;
  readonly heapEnd: number;
  readonly rssPeak: number;
  readonly seconds: number;
}

const INPUTS_PER_CONNECTION = 40;
const CONNECTIONS_AT_ONCE = 6;
const LIMITS = { maxFrameBytes: 16_384, frameTimeout: 5_000, idleTimeout: 5_000, maxInFlight: 8 };

/** Counts and what is under test; one per campaign. */
interface Campaign {
  readonly port: number;
  readonly dice: Dice;
  left: number;
  inputs: number;
  bytes: number;
  connections: number;
  recovered: number;
  closedBySource: number;
  rssPeak: number;
}

/**
 * Random bytes on a real MLLP port. The process must live, every connection that stays open must still take a good message
 * afterwards, and memory must not grow.
 * @throws when a promise is broken, with the seed
 */
export async function fuzzHl7(options: { readonly inputs: number; readonly seed: number; readonly onProgress?: (inputs: number) => void }): Promise<FuzzFigures> {
  const { inputs, seed } = options;
  let submitted = 0;
  const source: Hl7Source = new Hl7Source({
    name: 'fuzz', settings: { ...HL7_DEFAULTS, ...LIMITS }, mapping: seed % 2 === 0 ? standard : neusoft,
    institutions: [{ code: 'H35010200001', name: '示范医院', region: '350102' }],
    intake: {
      submit: (record, interpretation) => {
        submitted += 1;
        // what was submitted has to be readable again to the same kind of meaning
        const again = source.interpret(record);
        if (again.kind !== interpretation.kind) throw new Error(`seed ${String(seed)}: a record reads as ${interpretation.kind}, then as ${again.kind}`);
        return Promise.resolve(answerByMeaning({ record, interpretation }));
      },
    },
    clock: { now: () => Date.now(), sleep: () => Promise.resolve() }, log: { ...silentLog, error: (message, fields) => { throw new Error(`${message} ${JSON.stringify(fields)}`); } },
    count: () => undefined, counters: memoryCounters(),
  });
  await source.start();
  const campaign: Campaign = { port: Number(new URL(source.address()).port), dice: diceOf(seed), left: inputs, inputs: 0, bytes: 0, connections: 0, recovered: 0, closedBySource: 0, rssPeak: 0 };
  const startedAt = performance.now();
  await work({ ...campaign, left: Math.min(2_000, inputs) }, undefined);
  const heapWarm = heapInUse();
  await work(campaign, options.onProgress);
  await source.stop();
  const { port: _port, dice: _dice, left: _left, ...counts } = campaign;
  const figures = { seed, submitted, ...counts, heapWarm, heapEnd: heapInUse(), seconds: (performance.now() - startedAt) / 1_000 };
  check(figures);
  return figures;
}

async function work(campaign: Campaign, onProgress: ((inputs: number) => void) | undefined): Promise<void> {
  await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, async () => {
    while (campaign.left > 0) {
      await useConnection(campaign);
      onProgress?.(campaign.inputs);
    }
  }));
}

async function useConnection(campaign: Campaign): Promise<void> {
  const { dice } = campaign;
  const client = await MllpClient.open(campaign.port);
  campaign.connections += 1;
  const id = `GOOD${String(campaign.connections)}`;
  for (let i = 0; i < INPUTS_PER_CONNECTION && campaign.left > 0 && !client.closed; i += 1) {
    const input = noise(dice);
    campaign.left -= 1;
    campaign.inputs += 1;
    campaign.bytes += input.length;
    if (dice.chance(0.2)) {
      const cut = dice.below(input.length + 1);
      await client.write(input.subarray(0, cut));
      await client.write(input.subarray(cut));
    } else await client.write(input);
  }
  campaign.rssPeak = Math.max(campaign.rssPeak, process.memoryUsage.rss());
  await leave(client, id, campaign);
}

/** Some peers vanish; of the others each sends one good message and waits for its answer. */
async function leave(client: MllpClient, id: string, campaign: Campaign): Promise<void> {
  if (campaign.dice.chance(0.1)) { client.socket.resetAndDestroy(); return; }
  // ends whatever frame the noise left open
  await client.write(Buffer.concat([Buffer.of(0x1c, 0x0d), frameOf(Buffer.from(rdsText({ id })))]));
  await waitFor(`the answer to ${id}`, () => client.closed || client.holds(`MSA|AA|${id}`), 30_000);
  if (client.holds(`MSA|AA|${id}`)) campaign.recovered += 1;
  else campaign.closedBySource += 1;
  client.close();
}

function check(figures: FuzzFigures): void {
  const problem = (text: string): never => { throw new Error(`seed ${String(figures.seed)}: ${text}: ${JSON.stringify(figures)}`); };
  if (figures.submitted === 0 || figures.recovered < figures.connections * 0.5) problem('the noise did not reach the source');
  if (figures.heapEnd - figures.heapWarm > 32 * 1_048_576) problem('memory grew');
  if (figures.rssPeak > 1_024 * 1_048_576) problem('memory peaked');
}

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
