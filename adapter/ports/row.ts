/**
 * HisRow (数据行): one row of a view in the HIS database as a mapping sees it. Names are upper case; values are text without padding,
 * whatever the type in the database (codes and decimals never pass through a number); null = NULL or blank.
 */
export type HisRow = Readonly<Record<string, string | null>>;
