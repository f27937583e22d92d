/** The settings of a panel as a form. */
import type { DashboardPage } from "~/web/pages/dashboard/dashboard-page";
import { KIND_NAMES } from "./panel-kinds";

type Panel = NonNullable<DashboardPage["edited"]>;

export const editForm = (panel: Panel, { dashboard, hrefs, feeds }: DashboardPage) => (
  <section class="panel-box dash-edit" aria-labelledby="edit-title">
    <h2 id="edit-title">Edit: {panel.title === "" ? KIND_NAMES[panel.kind] : panel.title}</h2>
    <form method="post" action={hrefs.arrange}>
      <input type="hidden" name="revision" value={dashboard.revision} />
      <input type="hidden" name="panel" value={panel.id} />
      <label>
        Title
        <input name="title" maxLength={120} value={panel.title} placeholder={KIND_NAMES[panel.kind]} autoFocus />
      </label>
      {fields(panel)}
      <datalist id="dash-feeds">
        {feeds.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </datalist>
      <datalist id="dash-fields">
        {[...new Set(feeds.flatMap((feed) => feed.fields))].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div class="actions">
        <button class="primary" name="do" value="edit">
          Save
        </button>
        <a class="button" href={`${hrefs.arrange}#panel-${panel.id}`}>
          Cancel
        </a>
      </div>
    </form>
  </section>
);

const fields = (panel: Panel) => {
  switch (panel.kind) {
    case "note":
      return (
        <label class="wide">
          Text (Markdown)
          <textarea name="text" rows={8} maxLength={4000} value={panel.settings.text} />
        </label>
      );
    case "counts":
      return [feed(panel.settings.feed), filter(panel.settings.filter)];
    case "problems":
    case "pipelines":
      return [
        text("view", "View", panel.settings.view, "problems"),
        filter(panel.settings.filter),
        rows(panel.settings.rows, 50),
      ];
    case "table":
      return [
        text("source", "Source: feeds/…, views/… or saved/…", panel.settings.source, "feeds/pipeline_events"),
        filter(panel.settings.filter),
        text("columns", "Columns, separated by commas", panel.settings.columns.join(", "), "those of the feed"),
        rows(panel.settings.rows, 100),
      ];
    case "chart":
      return [
        feed(panel.settings.feed),
        filter(panel.settings.filter),
        text("field", "Sum of (empty: a count)", panel.settings.field ?? "", "processedRecordCount", "dash-fields"),
        text("by", "Divided by", panel.settings.by ?? "", "status", "dash-fields"),
        <label key="span">
          Span
          <select name="span">
            {(["1h", "6h", "24h", "7d"] as const).map((span) => (
              <option key={span} value={span} selected={span === panel.settings.span}>
                {span}
              </option>
            ))}
          </select>
        </label>,
      ];
  }
};

const text = (name: string, label: string, value: string, placeholder: string, list?: string) => (
  <label key={name}>
    {label}
    <input
      {...(list !== undefined && { list })}
      name={name}
      value={value}
      placeholder={placeholder}
      autocomplete="off"
      spellcheck={false}
    />
  </label>
);

const feed = (value: string) => text("feed", "Feed", value, "pipeline_events", "dash-feeds");
const filter = (value: string) =>
  text("filter", "Filter, as in the address of a feed", value, "status=FAILED&from=-2h");
const rows = (value: number, most: number) => (
  <label key="rows">
    Rows
    <input type="number" name="rows" min={1} max={most} value={value} />
  </label>
);
