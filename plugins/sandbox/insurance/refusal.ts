/** Why the platform does not do what was asked, as it will stand in the reply. */
export interface Refusal {
  /** transport: an HTTP status of the gateway; message: infcode; result: infcode 0 with retRslt 0 */
  readonly level: 'transport' | 'message' | 'result';
  readonly text: string;
  /** HTTP status for level transport, default 400; infcode for level message, default -1 */
  readonly code?: number;
}

/** @returns a refusal of the whole message: infcode -1 */
export function messageRefusal(text: string, code?: number): Refusal {
  return { level: 'message', text, ...(code === undefined ? {} : { code }) };
}
