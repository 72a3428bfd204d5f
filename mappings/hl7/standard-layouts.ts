/** Where one line segment of the standard keeps what a line needs (HL7 2.8 chapter 4A; earlier versions have fewer fields, same numbers). */
export interface SegmentLayout {
  readonly segment: 'RXD' | 'RXG' | 'RXA';
  readonly lineNo: number;
  readonly drug: number;
  readonly quantity: number;
  readonly unit: number;
  readonly times: readonly number[];
  readonly lot: number;
  readonly expiry: number;
  readonly operator?: number;
  readonly prescription?: number;
  /** fields that name the pharmacy or store the goods left, best first */
  readonly locations: readonly number[];
  /** packaging method and dispense type: may say 拆零 outright */
  readonly packaging: readonly number[];
}

export const RXD: SegmentLayout = {
  segment: 'RXD', lineNo: 1, drug: 2, quantity: 4, unit: 5, times: [3], lot: 18, expiry: 19, operator: 10, prescription: 7,
  locations: [30, 27, 26, 13], packaging: [24, 33],
};
export const RXG: SegmentLayout = { segment: 'RXG', lineNo: 1, drug: 4, quantity: 5, unit: 7, times: [], lot: 19, expiry: 20, locations: [27, 11], packaging: [] };
export const RXA: SegmentLayout = { segment: 'RXA', lineNo: 2, drug: 5, quantity: 6, unit: 7, times: [3, 4], lot: 15, expiry: 16, operator: 10, locations: [11], packaging: [] };
