/** The colour theme that a person chose, kept in a cookie; none = what the system prefers. */
export type Theme = "light" | "dark";

export const THEME_COOKIE = "weir_theme";

export function themeOfCookies(header: string | undefined): Theme | null {
  const found = /(?:^|;\s*)weir_theme=(light|dark)(?:;|$)/.exec(header ?? "");
  return found ? (found[1] as Theme) : null;
}
