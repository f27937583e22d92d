/** The pages of the settings. A page is one line here. */
const PAGES: readonly (readonly [string, string])[] = [
  ["/settings/preferences", "Preferences"],
  ["/settings/views", "Saved views"],
  ["/settings/pipelines", "Pipelines"],
];

export const settingsNav = (path: string) => (
  <nav class="nav settings-nav" aria-label="Settings">
    {PAGES.map(([href, label]) => (
      <a key={href} href={href} aria-current={path === href || path.startsWith(`${href}/`) ? "page" : undefined}>
        {label}
      </a>
    ))}
  </nav>
);
