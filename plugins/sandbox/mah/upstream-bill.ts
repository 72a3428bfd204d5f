/** One coded package with what it holds. */
export interface SandboxPackage {
  readonly code: string;
  /** 1 smallest, 2 middle, 3 largest */
  readonly level: 1 | 2 | 3;
  readonly children?: readonly SandboxPackage[];
  /** smallest packs the maker declares, where only the package itself is coded */
  readonly declaredPacks?: number;
}

export interface UpstreamLine {
  readonly drugName: string;
  readonly approvalNo: string;
  readonly spec: string;
  readonly packageSpec: string;
  readonly maker: string;
  readonly lot: string;
  readonly producedOn: string;
  readonly expiresOn: string;
  /** largest:middle:smallest, for example 1:5:10 */
  readonly ratio: string;
  readonly packages: readonly SandboxPackage[];
}

/** A supplier's outbound bill addressed to the hospital. */
export interface UpstreamBill {
  readonly billCode: string;
  /** ref_ent_id */
  readonly from: string;
  readonly to: string;
  readonly billType?: string;
  /** `2026-11-22 09:31:05` */
  readonly billTime: string;
  readonly lines: readonly UpstreamLine[];
}
