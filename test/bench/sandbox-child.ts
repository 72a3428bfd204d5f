import { startSandbox, type SandboxOptions } from '../../plugins/sandbox/index.ts';

/** The sandbox in a process of its own, so that platform and product do not share one thread: options come as the argument, counts on demand. */
const sandbox = await startSandbox(JSON.parse(process.argv[2] ?? '{}') as SandboxOptions);
const { insurance, mah } = sandbox;
process.on('message', (message) => {
  if (message !== 'counts') return;
  const sum = (calls: Readonly<Record<string, number>>): number => Object.values(calls).reduce((all, each) => all + each, 0);
  process.send?.({
    counts: {
      throttled: sandbox.notes.mah['throttled'] ?? 0,
      insurance: { entries: sandbox.insuranceBook.entries.length, calls: sum(sandbox.insuranceBook.callsByOperation), doubles: sandbox.insuranceBook.doubleKeys.length },
      mah: { entries: sandbox.mahBook.entries.length, calls: sum(sandbox.mahBook.callsByOperation), doubles: sandbox.mahBook.doubleKeys.length },
    },
  });
});
process.send?.({ ready: { insurance, mah } });
process.on('disconnect', () => { void sandbox.stop().then(() => process.exit(0)); });
