/** Files may be cleaned between plan and query; then it is planned again. */
import { AppError } from "../../model/app-error";
import type { ReaderParts } from "./reader-parts";

/** Plans that may find a file gone before the caller is told. */
const MAX_PLANS = 4;

/**
 * Plans and asks; again when a file that the plan names was cleaned meanwhile.
 *
 * @throws AppError engine-unavailable when that happens time and again
 */
export async function replanned<T>({ feed, refresh }: ReaderParts, ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!isMissingFile(error)) throw error;
      if (attempt === MAX_PLANS) {
        throw new AppError(
          "engine-unavailable",
          `Files of ${feed.name} were removed under the query ${MAX_PLANS} times in a row. Ask again.`,
          { retryAfterMs: 1_000 },
          { cause: error },
        );
      }
      await refresh();
    }
  }
}

/** DuckDB tells it in words only. */
export const isMissingFile = (error: unknown): boolean =>
  error instanceof Error && /No files found that match|No such file or directory/.test(error.message);
