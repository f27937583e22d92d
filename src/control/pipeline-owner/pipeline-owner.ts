/** Who answers for a pipeline and where its failures lead, as verbs and API give it. */
import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import { addressFault, templateFault } from "../../model/link-template";
import type { pipelineOwner } from "../db/schema/pipeline-owner";
import { idText, lineOfText } from "../input";

/** A link that is checked by `faultOf`; null = none. */
const link = (faultOf: (text: string) => string | null) =>
  z
    .string("must be text")
    .trim()
    .max(1_000, "must have at most 1000 characters")
    .superRefine((text, check) => {
      const fault = faultOf(text);
      if (fault !== null) check.addIssue({ code: "custom", message: fault });
    })
    .nullable()
    .default(null);

export const pipelineOwnerInput = z.strictObject({
  /** A person or a team, as they want to be called. */
  owner: lineOfText(120).nullable().default(null),
  ownerId: idText.nullable().default(null).meta({
    description: "Id of a person with an account, or of the one who asks: the pipeline is then among their own.",
  }),
  runbookUrl: link(addressFault),
  logsTemplate: link(templateFault),
  rerunTemplate: link(templateFault),
});

export interface PipelineOwner extends z.output<typeof pipelineOwnerInput> {
  pipelineName: string;
  updatedAt: number;
  updatedBy: string;
}

export const pipelineOwnerOf = (row: InferSelectModel<typeof pipelineOwner>): PipelineOwner => ({
  pipelineName: row.pipelineName,
  owner: row.ownerName,
  ownerId: row.ownerId,
  runbookUrl: row.runbookUrl,
  logsTemplate: row.logsTemplate,
  rerunTemplate: row.rerunTemplate,
  updatedAt: row.updatedAt.getTime(),
  updatedBy: row.updatedBy,
});

/** What the audit log keeps of it. */
export const auditedOwner = ({ owner, ownerId, runbookUrl, logsTemplate, rerunTemplate }: PipelineOwner) => ({
  owner,
  ownerId,
  runbookUrl,
  logsTemplate,
  rerunTemplate,
});
