import { rm } from "node:fs/promises";

/** What a killed server started may write for a moment longer than its parent lives: then the folder is not empty yet. */
export const removeFolder = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
