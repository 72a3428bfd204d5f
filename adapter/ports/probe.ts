/** One line of `check --probe`: a connection was tried, this is what came of it. */
export interface ProbeResult {
  readonly what: string;
  readonly ok: boolean;
  /** Chinese, one sentence; what to do when not ok */
  readonly detail: string;
}
