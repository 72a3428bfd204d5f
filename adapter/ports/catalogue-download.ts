import type { PeerFault } from '../domain/outcome.ts';
import type { Institution } from './institution.ts';

/** What an insurance platform's drug catalogue is asked for. */
export interface CatalogueWanted {
  readonly institution: Institution;
  /** latest version on file here; undefined for the first time */
  readonly version: string | undefined;
}

/** A file of the catalogue, still being received: a zip of one tab-separated text, or the text itself. */
export interface CatalogueFile {
  readonly kind: 'file';
  /** rows the platform announces; undefined when it does not say */
  readonly rows: number | undefined;
  /** the bytes as they come; has to be read to its end or left by `return`, throws when the connection breaks */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export type CatalogueAnswer = CatalogueFile | { readonly kind: 'up-to-date' } | ({ readonly kind: 'fault' } & PeerFault);

/** CatalogueDownload (医保药品目录下载): what is newer than the version on file, a part at a time. Never rejects. */
export type CatalogueDownload = (wanted: CatalogueWanted, options: { readonly signal: AbortSignal }) => Promise<CatalogueAnswer>;

/** A destination from which the catalogue can be had. */
export interface OffersCatalogue { readonly downloadCatalogue?: CatalogueDownload }
