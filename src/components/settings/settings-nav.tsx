/** The pages of the settings. A page is one line here. */
const PAGES: readonly (readonly [string, string, "admin"?])[] = [
  ["/settings/preferences", "Preferences"],
  ["/settings/views", "Saved views"],
  ["/settings/pipelines", "Owners"],
  ["/settings/account", "Account"],
  ["/settings/people", "People", "admin"],
  ["/settings/tokens", "Tokens", "admin"],
  ["/settings/audit", "Audit", "admin"],
];

export const settingsNav = (path: string, isAdmin: boolean) => (
  <nav class="nav settings-nav" aria-label="Settings">
    {PAGES.filter(([, , needs]) => isAdmin || needs === undefined).map(([href, label]) => (
      <a key={href} href={href} aria-current={path === href || path.startsWith(`${href}/`) ? "page" : undefined}>
        {label}
      </a>
    ))}
  </nav>
);
