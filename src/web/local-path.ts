/** Where a form goes back to: only a path of this server. One slash at the front, no second and no backslash (browsers read both as a host). */
export const localPath = (path: string | null): string =>
  path !== null && /^\/(?![/\\])[^\r\n\t]*$/.test(path) ? path : "/";
