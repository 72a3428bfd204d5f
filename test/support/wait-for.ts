/** Resolves when the condition holds; rejects with `what` after `timeoutMs`. For tests that wait for something real. */
export async function waitFor(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`waited ${String(timeoutMs)} ms for: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}
