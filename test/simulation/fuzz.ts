import { parseArgs } from 'node:util';
import { fuzzHl7 } from './fuzz-hl7.ts';

/** `npm run fuzz -- --inputs 100000 --seed 1`: random bytes on a real MLLP port; prints figures, ends with 1 when a promise is broken. */
const { values } = parseArgs({ options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
const inputs = Number(values.inputs);
const seed = Number(values.seed);
if (!Number.isInteger(inputs) || inputs < 1 || !Number.isInteger(seed) || seed < 0) {
  process.stderr.write('usage: fuzz [--inputs N] [--seed S]\n');
  process.exitCode = 2;
} else {
  process.on('uncaughtException', (fault) => {
    process.stderr.write(`crashed with seed ${String(seed)}: ${String(fault.stack)}\n`);
    process.exitCode = 1;
    throw fault;
  });
  let shown = 0;
  const figures = await fuzzHl7({
    inputs, seed,
    onProgress: (done) => {
      if (!process.stderr.isTTY || done - shown < 5_000) return;
      shown = done;
      process.stderr.write(`\r${String(done)} / ${String(inputs)}`);
    },
  });
  const mib = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
  process.stdout.write([
    `seed ${String(figures.seed)}`, `inputs ${String(figures.inputs)} (${mib(figures.bytes)}) on ${String(figures.connections)} connections in ${figures.seconds.toFixed(1)} s`,
    `messages reaching the intake ${String(figures.submitted)}`, `connections that took a good message afterwards ${String(figures.recovered)}, closed by the source ${String(figures.closedBySource)}`,
    `heap when warm ${mib(figures.heapWarm)}, at the end ${mib(figures.heapEnd)}; RSS at most ${mib(figures.rssPeak)}`, 'crashes 0', '',
  ].join('\n'));
}
