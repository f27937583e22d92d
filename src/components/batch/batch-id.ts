/** Where the parts of a batch are in its page. */
export const BATCH_ID = "batch";
