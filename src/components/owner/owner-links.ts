/** Where people go from a failure, filled from what is known of it. Pure. */
import { fillTemplate, type LinkValues } from "~/model/link-template";

/** What is kept about a pipeline, as far as pages show it. */
export interface ShownOwner {
  pipelineName: string;
  owner: string | null;
  runbookUrl: string | null;
  logsTemplate: string | null;
  rerunTemplate: string | null;
}

export interface OwnerLink {
  label: "Runbook" | "Logs" | "Rerun";
  href: string;
}

/** Links whose values are all known. */
export function ownerLinks(owner: ShownOwner | undefined, values: LinkValues): OwnerLink[] {
  if (!owner) return [];
  const { runbookUrl, logsTemplate, rerunTemplate } = owner;
  const links = [
    ["Runbook", runbookUrl],
    ["Logs", logsTemplate],
    ["Rerun", rerunTemplate],
  ] as const;
  return links.flatMap(([label, template]) => {
    const href = template === null ? null : fillTemplate(template, values);
    return href === null ? [] : [{ label, href }];
  });
}

export const shownOwner = ({
  pipelineName,
  owner,
  runbookUrl,
  logsTemplate,
  rerunTemplate,
}: ShownOwner): ShownOwner => ({
  pipelineName,
  owner,
  runbookUrl,
  logsTemplate,
  rerunTemplate,
});
