/** All results, once every one of the works has ended, failed ones too: nothing runs on behind a rollback. */
export async function allSettled<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(works);
  return ended.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}
