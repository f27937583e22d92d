export interface ListedPage {
  name: string;
  route: string;
  path: string;
  status?: number;
  isLive?: boolean;
}
export const PAGES: readonly ListedPage[];
export function addressOf(page: ListedPage, samples: Readonly<Record<string, string | undefined>>): string | null;
export function samplesOf(origin: string): Promise<Record<string, string | undefined>>;
