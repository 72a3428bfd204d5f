/**
 * The public test pair of GB/T 32918.5 in the forms OpenSSL writes, and files that are something else. None of these is a key of anybody.
 */
const lines = (...each: readonly string[]): string => `${each.join('\n')}\n`;

export const PKCS8 = lines(
  '-----BEGIN PRIVATE KEY-----',
  'MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgOUUgj3shRLE/NuOK',
  'xtOflYiTk2koYLUaQvuB7033xbihRANCAAQJ+d8xHlQhoVDdfRYeS8XGchefrRgz',
  '/AdrsI/zVvNQIMzqSQziZ3WlLcbqcYzBqmAK7QX7814ISmYy9gctqa0T',
  '-----END PRIVATE KEY-----',
);

export const SEC1 = lines(
  '-----BEGIN SM2 PRIVATE KEY-----',
  'MHcCAQEEIDlFII97IUSxPzbjisbTn5WIk5NpKGC1GkL7ge9N98W4oAoGCCqBHM9V',
  'AYItoUQDQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60YM/wHa7CP81bzUCDM6kkM4md1',
  'pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==',
  '-----END SM2 PRIVATE KEY-----',
).replaceAll('SM2 PRIVATE', 'EC PRIVATE');

/** as `openssl ecparam -genkey` of version 3 writes it */
export const SEC1_WITH_PARAMETERS = `-----BEGIN SM2 PARAMETERS-----\nBggqgRzPVQGCLQ==\n-----END SM2 PARAMETERS-----\n${SEC1.replaceAll('EC PRIVATE', 'SM2 PRIVATE')}`;

export const SPKI = lines(
  '-----BEGIN PUBLIC KEY-----',
  'MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60Y',
  'M/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==',
  '-----END PUBLIC KEY-----',
);

export const SPKI_COMPRESSED = lines(
  '-----BEGIN PUBLIC KEY-----',
  'MDkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DIgADCfnfMR5UIaFQ3X0WHkvFxnIXn60Y',
  'M/wHa7CP81bzUCA=',
  '-----END PUBLIC KEY-----',
);

export const CERTIFICATE = lines(
  '-----BEGIN CERTIFICATE-----',
  'MIIBczCCARmgAwIBAgIUMox+CTaJxtW0yyyByq8kUDbdCNQwCgYIKoEcz1UBg3Uw',
  'DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjMyMzMyMTdaFw0zNjExMjAyMzMyMTda',
  'MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqgRzPVQGCLQNCAAQJ+d8x',
  'HlQhoVDdfRYeS8XGchefrRgz/AdrsI/zVvNQIMzqSQziZ3WlLcbqcYzBqmAK7QX7',
  '814ISmYy9gctqa0To1MwUTAdBgNVHQ4EFgQU+eJRYUwvDp6AkT/9owjkfAGiQbQw',
  'HwYDVR0jBBgwFoAU+eJRYUwvDp6AkT/9owjkfAGiQbQwDwYDVR0TAQH/BAUwAwEB',
  '/zAKBggqgRzPVQGDdQNIADBFAiEA8V8AZAgxwsjjYXrVXZtjSRSAzO2bADF/o2Fe',
  '8Zztw/kCICzoUafwKqm3j/miUmqIDkZ82xt8v7lsHxk7rrB/XbZm',
  '-----END CERTIFICATE-----',
);

export const SEC1_EXPLICIT_CURVE = lines(
  '-----BEGIN SM2 PRIVATE KEY-----',
  'MIIBUQIBAQQgOUUgj3shRLE/NuOKxtOflYiTk2koYLUaQvuB7033xbiggeMwgeAC',
  'AQEwLAYHKoZIzj0BAQIhAP////7/////////////////////AAAAAP//////////',
  'MEQEIP////7/////////////////////AAAAAP/////////8BCAo6fqenZ9eNE1a',
  'nkvPZQmn85eJ9RWrj5LdvL1BTZQOkwRBBDLEriwfGYEZX5kERmo5yZSP4wu/8mYL',
  '4XFaRYkzTHTHvDc2ovT2d5xZvc7ja2khU9Cph3zGKkdAAt8y5SE58KACIQD////+',
  '////////////////cgPfayHGBStTu/QJOdVBIwIBAaFEA0IABAn53zEeVCGhUN19',
  'Fh5LxcZyF5+tGDP8B2uwj/NW81AgzOpJDOJndaUtxupxjMGqYArtBfvzXghKZjL2',
  'By2prRM=',
  '-----END SM2 PRIVATE KEY-----',
);
