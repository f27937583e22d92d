/** Choosing columns: ticked ones are shown, in the order of their numbers. A GET form, so the address holds what was chosen. */
import { popover } from "../ui/popover";
import type { ColumnsView } from "./columns-view";

export const columnsMenu = ({ fields, action, hidden, usualHref }: ColumnsView) =>
  popover({
    summary: "Columns",
    id: "columns-menu",
    class: "columns",
    children: (
      <form method="get" action={action} autocomplete="off" aria-label="Columns">
        {hidden.map(([name, value]) => (
          <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
        ))}
        <ol>
          {fields.map(({ name, label, isShown }, i) => (
            <li key={name}>
              <label class="check">
                <input type="checkbox" name={`col.${name}`} checked={isShown} />
                {label}
              </label>
              <input
                type="number"
                name={`pos.${name}`}
                value={i + 1}
                min={1}
                max={999}
                aria-label={`Place of ${label}`}
              />
            </li>
          ))}
        </ol>
        <div class="actions">
          <button class="primary">Show these</button>
          {usualHref === null ? null : <a href={usualHref}>The usual ones</a>}
        </div>
      </form>
    ),
  });
