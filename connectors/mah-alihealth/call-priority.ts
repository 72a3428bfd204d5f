/** Who goes first where the calls of an app key are short; the scale of `PlannedReport.priority`, 0 before 9. */
export const CALL_PRIORITY = {
  /** somebody waits at a screen */
  person: 0,
  /** dispensing, patient returns: bills of the use side, and what they need */
  use: 2,
  /** receipts, returns to suppliers, destruction */
  inOut: 5,
  /** what the product looks up by itself */
  background: 8,
} as const;
