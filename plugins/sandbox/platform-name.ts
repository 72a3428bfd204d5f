/** The fake platforms: insurance, the TOP gateway, and three systems of single holders (SOAP with one string, typed SOAP, REST). */
export const PLATFORM_NAMES = ['insurance', 'mah', 'mah-soap', 'mah-typed', 'mah-rest'] as const;
export type PlatformName = (typeof PLATFORM_NAMES)[number];
