/** The props of every page of the registry. */
export interface PageProps {
  /** Query of the address, with its `?`; empty if there is none. */
  readonly query: string;
}
