/** Staged files of all feeds, in the lake, where Spark reaches them. */
export const STAGING_FOLDER = "_staging";
