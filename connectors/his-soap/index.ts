/**
 * his-soap: the HIS calls us as it calls any integration platform of a Chinese hospital: one operation, two strings in, one string out
 * (contract section 5). The address is `POST /soap/his` of the product's own HTTP server, so there is no listener here.
 */
export { createSoapIntake } from './soap-intake.ts';
export type { SoapCall, SoapIntake, SoapIntakeDeps, SoapReply, Submit } from './soap-intake.ts';
export { INTERPRETER } from './interpret.ts';
export type { Hl7Reader } from './payload.ts';
export { settings } from './settings.ts';
export type { SoapSettings } from './settings.ts';
