/** All of a batch but the one that it is compared with, as parts that the live layer takes over anew: on its page and beside a list. */
import type { BatchPage } from "~/web/pages/batch-page";
import pipelineStyle from "../pipeline/pipeline.css?inline";
import { waterfallMarkup } from "../waterfall/waterfall-markup";
import { BATCH_ID } from "./batch-id";
import { batchFactsMarkup, neighbourMarkup, pathMarkup, stageTable } from "./batch-markup";
import batchStyle from "./batch.css?inline";

/** The parts carry their style with them: `components/drawer` takes them out of the batch's page. */
const STYLE = pipelineStyle + batchStyle;

export const batchParts = (page: BatchPage) => (
  <div id={BATCH_ID} class="batch-whole">
    <style dangerouslySetInnerHTML={STYLE} />
    <div class="batch-facts" data-part="facts" dangerouslySetInnerHTML={batchFactsMarkup(page)} />
    <nav aria-label="Neighbours in time" data-part="neighbours" dangerouslySetInnerHTML={neighbourMarkup(page)} />
    <section aria-labelledby="story-title">
      <h2 class="pipe-h2" id="story-title">
        Attempts
      </h2>
      <div class="batch-story" data-part="story" dangerouslySetInnerHTML={waterfallMarkup(page)} />
    </section>
    <section aria-labelledby="stages-title">
      <h2 class="pipe-h2" id="stages-title">
        Records by stage
      </h2>
      <div data-part="stages" dangerouslySetInnerHTML={stageTable(page)} />
    </section>
    <div data-part="path" dangerouslySetInnerHTML={pathMarkup(page)} />
    {page.isTruncated ? <p class="muted">Only the newest events of this batch are shown.</p> : null}
  </div>
);
