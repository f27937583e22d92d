#!/usr/bin/env bash
# Publishes two events with curl: one when the work begins, a newer version of it when it has ended.
#   WEIR_URL=http://127.0.0.1:3000 WEIR_TOKEN=… docs/publish/curl.sh [CORRELATION_ID]
set -euo pipefail

url=${WEIR_URL:-http://127.0.0.1:3000}
batch=${1:-nightly-$(date -u +%Y%m%d)}
id="$batch.load.$$-$(date +%s)"
now_ms() { echo "$(($(date +%s) * 1000))"; }
started=$(now_ms)

# 503 and 429 say when to come back (Retry-After), which --retry respects. Sending an event twice changes nothing.
post() {
  curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --max-time 30 \
    --header "Content-Type: application/json" ${WEIR_TOKEN:+--header "Authorization: Bearer $WEIR_TOKEN"} \
    --data-binary @- "$url/api/v1/feeds/pipeline_events/events"
  echo
}

post <<JSON
{ "eventId": "$id", "correlationId": "$batch", "pipelineName": "orders", "stageName": "load", "status": "STARTED",
  "eventTimestamp": $started, "lastUpdatedAt": $started }
JSON

post <<JSON
{ "eventId": "$id", "correlationId": "$batch", "pipelineName": "orders", "stageName": "load", "status": "COMPLETED",
  "eventTimestamp": $started, "lastUpdatedAt": $(($(now_ms) + 1)), "processedRecordCount": 1200, "sourceRecordCount": 1204 }
JSON
