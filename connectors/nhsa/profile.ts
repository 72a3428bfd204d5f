export type * from './region-rules.ts';
export { loadProfile, profileNames, regionProfile } from './load-profile.ts';
