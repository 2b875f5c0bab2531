/** What every page of the registry gets. */
export interface PageProps {
  /** Query of the address, with its `?`; empty if there is none. */
  readonly query: string;
}
